#include "core/model/event.h"

namespace fb {

std::string_view event_type_name(EventType type) {
  switch (type) {
    case EventType::kServiceStarted:
      return "service_started";
    case EventType::kServiceReady:
      return "service_ready";
    case EventType::kServiceStopped:
      return "service_stopped";
    case EventType::kServicePaused:
      return "service_paused";
    case EventType::kServiceResumed:
      return "service_resumed";
    case EventType::kSyscall:
      return "syscall";
    case EventType::kStepSend:
      return "step_send";
    case EventType::kStepRecv:
      return "step_recv";
    case EventType::kFaultApplied:
      return "fault_applied";
    case EventType::kFaultRemoved:
      return "fault_removed";
    case EventType::kTraceApplied:
      return "trace_applied";
    case EventType::kTraceRemoved:
      return "trace_removed";
    case EventType::kPartitionApplied:
      return "partition_applied";
    case EventType::kPartitionRemoved:
      return "partition_removed";
    case EventType::kProxyFaultApplied:
      return "proxy_fault_applied";
    case EventType::kProxyFaultRemoved:
      return "proxy_fault_removed";
    case EventType::kProxy:
      return "proxy";
    case EventType::kStdout:
      return "stdout";
    case EventType::kStderr:
      return "stderr";
    case EventType::kTail:
      return "tail";
    case EventType::kPoll:
      return "poll";
    case EventType::kTopic:
      return "topic";
    case EventType::kWal:
      return "wal";
    case EventType::kTestRestarted:
      return "test_restarted";
    case EventType::kViolation:
      return "violation";
  }
  return "";
}

std::string_view Event::field(std::string_view name) const {
  const auto found = fields.find(name);
  return found == fields.end() ? "" : found->second;
}

bool Event::has(std::string_view name) const {
  return fields.find(name) != fields.end();
}

std::string Event::event_type() const {
  const std::string_view name = event_type_name(type);
  constexpr std::string_view kLifecycle = "service_";
  if (name.starts_with(kLifecycle)) {
    return "lifecycle." + std::string(name.substr(kLifecycle.size()));
  }
  std::string out(name);
  if (type == EventType::kSyscall) {
    out += '.';
    out += field("syscall");
  } else if (type == EventType::kStepSend || type == EventType::kStepRecv) {
    out += '.';
    out += field("target");
  }
  return out;
}

}  // namespace fb
