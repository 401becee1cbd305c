#include "core/run/diagnose.h"

#include "core/trace/syscall_summary.h"

#include <fmt/format.h>

namespace fb {
namespace {

std::string indent(const std::string& text) {
  std::string out = "  ";
  for (size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] == '\n' && i + 1 < text.size()) out += "  ";
  }
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

}  // namespace

std::string quoted_tail(const std::string& tail) {
  return tail.empty() ? "" : "; last output:\n" + indent(tail);
}

std::string format_duration_coarse(Duration duration) {
  const int64_t second = 1'000'000'000;
  if (duration.count() % second == 0) return fmt::format("{}s", duration.count() / second);
  return format_duration(duration);
}

Diagnostic crash_diagnostic(const std::string& service, const ExitState& state,
                            const std::string& tail, const EventLog& log, Instant now) {
  Diagnostic diagnostic{.code = "SERVICE_CRASHED"};
  diagnostic.service = service;
  diagnostic.message =
      fmt::format("service \"{}\" ended: {}{}", service, state.text(), quoted_tail(tail));
  const Event* last_fault = nullptr;
  for (const Event& event : log.events())
    if (event.type == EventType::kSyscall && event.service == service &&
        is_faulted_decision(event.field("decision")))
      last_fault = &event;
  if (last_fault == nullptr) {
    diagnostic.suggestion = "no fault had fired on it";
  } else {
    const auto before =
        std::chrono::duration_cast<std::chrono::milliseconds>(now - last_fault->time);
    diagnostic.suggestion = fmt::format(
        "the last fault that fired on it, {} before: #{} {} {}{}{}", format_duration(before),
        last_fault->seq, last_fault->field("syscall"), last_fault->field("decision"),
        last_fault->has("path") ? " " : "", last_fault->field("path"));
    diagnostic.events = {last_fault->seq};
  }
  return diagnostic;
}

}  // namespace fb
