#include "cli/decision_log.h"

#include <fmt/format.h>

namespace fb::cli {
namespace {

std::string accesses_text(std::string_view verb, const std::vector<Access>& accesses) {
  std::string text;
  for (const Access& access : accesses) {
    const char mode = access.mode == AccessMode::kRead    ? 'r'
                      : access.mode == AccessMode::kWrite ? 'w'
                                                          : 'a';
    text += fmt::format(" {}{:04x}", mode, access.object.value >> 48);
    if (access.low != 0 || access.high != kToEnd)
      text += access.high == kToEnd ? fmt::format("[{},)", access.low)
                                    : fmt::format("[{},{})", access.low, access.high);
  }
  return text.empty() ? text : fmt::format(" {}{}", verb, text);
}

}  // namespace

std::string decision_log(const ExecutionRecord& record) {
  std::string log;
  const auto name = [&](ActorId actor) { return actor_name(actor, record.services); };
  for (size_t i = 0; i < record.steps.size(); ++i) {
    const ExecutedStep& step = record.steps[i];
    const Candidate& chosen = step.chosen();
    log += fmt::format("{:4} {} {} {} :{}{}{}", i, name(chosen.actor), chosen.operation, chosen.key,
                       accesses_text("touches", step.footprint.accesses),
                       accesses_text("needs", step.footprint.needs),
                       accesses_text("provides", step.footprint.provides));
    std::string others;
    for (const Candidate& candidate : step.candidates)
      if (candidate.actor != chosen.actor)
        others += fmt::format(" {}{}", name(candidate.actor), candidate.enabled ? "" : "(blocked)");
    log += fmt::format("  | besides:{}\n", others);
  }
  for (const Candidate& candidate : record.pending)
    log += fmt::format("     at the end: {} {} {}\n", name(candidate.actor), candidate.operation,
                       candidate.key);
  if (!record.message.empty()) log += fmt::format("     {}\n", record.message);
  return log;
}

}  // namespace fb::cli
