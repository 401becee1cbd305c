#include "core/trace/normalize.h"

#include "core/base/text.h"

#include <map>

namespace fb {

namespace {

bool leaves_no_line(std::string_view decision, std::string_view path) {
  if (decision == "allow (system path)") return true;
  if (decision != "allow") return false;
  return path.empty() || path == "/dev/null" || path.starts_with("anon_inode:");
}

std::optional<std::string> syscall_line(const Event& event) {
  const std::string_view decision = event.field("decision");
  const std::string_view path = event.field("path");
  if (leaves_no_line(decision, path)) return std::nullopt;
  std::string line = std::string(event.field("syscall")) + " " + std::string(decision);
  if (!path.empty()) line += " " + std::string(normalized_path(path));
  return line;
}

}  // namespace

std::string_view normalized_path(std::string_view path) {
  for (std::string_view kind : {"socket", "pipe", "anon_inode"}) {
    if (path.size() > kind.size() + 2 && path.starts_with(kind) &&
        path.substr(kind.size(), 2) == ":[" && path.ends_with(']')) {
      return kind;
    }
  }
  return path;
}

std::optional<std::string> normalized_line(const Event& event) {
  std::optional<std::string> line;
  switch (event.type) {
    case EventType::kSyscall:
      line = syscall_line(event);
      break;
    case EventType::kServiceStarted:
    case EventType::kServiceReady:
    case EventType::kFaultApplied:
    case EventType::kFaultRemoved:
      line = std::string(event_type_name(event.type));
      break;
    case EventType::kStepSend:
    case EventType::kStepRecv:
      line = std::string(event_type_name(event.type)) + " " + std::string(event.field("target"));
      break;
    case EventType::kServiceStopped:
    case EventType::kServicePaused:
    case EventType::kServiceResumed:
    case EventType::kTraceApplied:
    case EventType::kTraceRemoved:
    case EventType::kPartitionApplied:
    case EventType::kPartitionRemoved:
    case EventType::kProxyFaultApplied:
    case EventType::kProxyFaultRemoved:
    case EventType::kProxy:
    case EventType::kStdout:
    case EventType::kStderr:
    case EventType::kTail:
    case EventType::kPoll:
    case EventType::kTopic:
    case EventType::kWal:
    case EventType::kTestRestarted:
    case EventType::kViolation:
      break;
  }
  // A path may hold a line end; a line of this format may not.
  if (line) line = escape_newlines(*line);
  return line;
}

std::string normalize_test(std::string_view name, std::span<const Event> events) {
  std::map<std::string_view, std::string> sections;
  for (const Event& event : events) {
    if (auto line = normalized_line(event)) {
      sections[event.service.empty() ? std::string_view("test") : event.service] += *line + "\n";
    }
  }
  std::string out = "=== " + std::string(name) + " ===\n";
  for (const auto& [service, lines] : sections) {
    out += "--- " + std::string(service) + " ---\n" + lines;
  }
  return out;
}

}  // namespace fb
