#include "core/trace/syscall_summary.h"

namespace fb {

bool is_release_decision(std::string_view decision) {
  return decision.ends_with(" (released)");
}

bool is_faulted_decision(std::string_view decision) {
  if (is_release_decision(decision)) return false;
  return decision.starts_with("deny(") || decision.starts_with("delay(") ||
         decision.starts_with("hold(");
}

std::map<std::string, SyscallCounts> syscall_summary(std::span<const Event> events) {
  std::map<std::string, SyscallCounts> summary;
  for (const Event& event : events) {
    if (event.type != EventType::kSyscall) continue;
    const std::string_view decision = event.field("decision");
    if (is_release_decision(decision)) continue;
    SyscallCounts& counts = summary[event.service];
    ++counts.total;
    if (is_faulted_decision(decision)) ++counts.faulted;
    ++counts.breakdown[std::string(event.field("syscall"))];
  }
  return summary;
}

}  // namespace fb
