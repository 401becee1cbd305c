#include "shiviz/human_exploration.h"

#include "shiviz/human_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace fb {

namespace {

std::string counted(uint64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

// Columns: actor, call, object, reads or writes, value, and a remark after an arrow.
std::string race_lines(const std::vector<RacingAccess>& race) {
  size_t actor = 0, call = 0, object = 0, value = 0;
  for (const auto& access : race) {
    actor = std::max(actor, access.actor.size());
    call = std::max(call, access.call.size());
    object = std::max(object, access.object.size());
    value = std::max(value, access.value.size());
  }
  std::string out;
  for (const auto& access : race) {
    std::string line = fmt::format(
        "    {}  {} {}   {} {}", padded(printable_line(access.actor), actor),
        padded(printable_line(access.call), call), padded(printable_line(access.object), object),
        access.writes ? "writes" : "reads ", padded(printable_line(access.value), value));
    if (!access.remark.empty()) line += "     <- " + printable_line(access.remark);
    while (line.ends_with(' ')) line.pop_back();
    out += line + "\n";
  }
  return out;
}

}  // namespace

std::string exploration_header(const TestResult& test) {
  if (!test.exploration || test.exploration->mode.empty()) return {};
  const ExplorationReport& e = *test.exploration;
  if (test.result != Verdict::kPass) {
    const std::string total = e.exhausted ? std::to_string(e.traces) : "?";
    return fmt::format("explored {} of {} traces in {:.1f}s, seed={}", e.traces, total, e.seconds,
                       test.seed);
  }
  // Only an exhausted search may say "all".
  if (e.exhausted) {
    return fmt::format("all {}, {}, {} redundant, {:.1f}s", counted(e.traces, "trace", "traces"),
                       counted(e.executions, "execution", "executions"), e.blocked, e.seconds);
  }
  return fmt::format("explored {} of ? traces, {}, {} redundant, {:.1f}s, seed={}", e.traces,
                     counted(e.executions, "execution", "executions"), e.blocked, e.seconds,
                     test.seed);
}

std::string counterexample_lines(const ExplorationReport& e) {
  std::string out;
  if (e.shrunk) {
    out += fmt::format("  {}, {} of {} operations relevant",
                       counted(e.shrunk->context_switches, "context switch", "context switches"),
                       e.shrunk->operations, e.shrunk->operations_total);
    if (e.shrunk->faults > 0) out += ", " + counted(e.shrunk->faults, "fault", "faults");
    out += "\n";
  }
  out += race_lines(e.race);
  if (!e.critical_decision.empty()) {
    out += paragraph("  critical decision: ", e.critical_decision, 4);
  }
  if (!e.passing_schedule.empty()) {
    out += paragraph("  nearest passing schedule: ", e.passing_schedule, 4);
  }
  if (!e.first_difference.empty()) out += paragraph("  first difference: ", e.first_difference, 4);
  return out;
}

std::string coverage_lines(const ExplorationReport& e) {
  std::string out;
  if (!e.level.empty()) {
    std::string levels;
    for (const auto& [service, level] : e.level) {
      levels += fmt::format("{}{} {}", levels.empty() ? "" : ", ", service, level);
    }
    out += "  level: " + printable_line(levels) + "\n";
  }
  if (e.mode.empty()) return out;
  std::string line =
      fmt::format("  coverage: {}, {}, {} redundant", counted(e.traces, "trace", "traces"),
                  counted(e.executions, "execution", "executions"), e.blocked);
  const std::pair<uint64_t, const char*> counters[] = {
      {e.merged, "merged"},        {e.symmetric, "symmetric"},
      {e.stuttered, "stuttered"},  {e.conservative, "conservative"},
      {e.deadlocks, "deadlocked"}, {e.failures, "failed"}};
  for (const auto& [count, what] : counters) {
    if (count > 0) line += fmt::format(", {} {}", count, what);
  }
  if (e.novelty) line += fmt::format(", chance of something new {:.1f}%", *e.novelty * 100);
  if (!e.shard.empty()) line += ", shard " + e.shard;
  line += e.exhausted ? ", exhausted" : ", not exhausted";
  if (e.budget) line += fmt::format(" (budget: {})", *e.budget);
  return out + printable_line(line) + "\n";
}

}  // namespace fb
