#include "core/trace/event_selection.h"

#include <algorithm>

namespace fb {
namespace {

bool comes_first(const Event& event) {
  switch (event.type) {
    case EventType::kSyscall: {
      const std::string_view decision = event.field("decision");
      return !decision.starts_with("allow") && decision != "trace";
    }
    case EventType::kStdout:
    case EventType::kStderr:
    case EventType::kTail:
    case EventType::kPoll:
    case EventType::kTopic:
    case EventType::kWal:
      return false;
    case EventType::kServiceStarted:
    case EventType::kServiceReady:
    case EventType::kServiceStopped:
    case EventType::kServicePaused:
    case EventType::kServiceResumed:
    case EventType::kStepSend:
    case EventType::kStepRecv:
    case EventType::kFaultApplied:
    case EventType::kFaultRemoved:
    case EventType::kTraceApplied:
    case EventType::kTraceRemoved:
    case EventType::kPartitionApplied:
    case EventType::kPartitionRemoved:
    case EventType::kProxyFaultApplied:
    case EventType::kProxyFaultRemoved:
    case EventType::kProxy:
    case EventType::kTestRestarted:
    case EventType::kViolation:
      break;
  }
  return true;
}

// Distance in positions to the nearest event that comes first; 0 for those themselves.
std::vector<size_t> distances(std::span<const Event> events) {
  std::vector<size_t> out(events.size(), events.size());
  size_t since = events.size();
  for (size_t i = 0; i < events.size(); ++i) {
    since = comes_first(events[i]) ? 0 : since + 1;
    out[i] = std::min(since, events.size());
  }
  since = events.size();
  for (size_t i = events.size(); i-- > 0;) {
    since = out[i] == 0 ? 0 : since + 1;
    out[i] = std::min(out[i], since);
  }
  return out;
}

}  // namespace

std::vector<Event> select_events(std::span<const Event> events, size_t most) {
  if (events.size() <= most) return {events.begin(), events.end()};
  const std::vector<size_t> distance = distances(events);
  std::vector<size_t> order(events.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return distance[a] < distance[b]; });
  order.resize(most);
  std::sort(order.begin(), order.end());
  std::vector<Event> out;
  out.reserve(most);
  for (size_t i : order) out.push_back(events[i]);
  return out;
}

}  // namespace fb
