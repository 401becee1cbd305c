#include "core/trace/syscall_summary.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace fb {
namespace {

Event call(std::string service, std::string name, std::string decision) {
  Event event;
  event.service = std::move(service);
  event.fields = {{"syscall", std::move(name)}, {"decision", std::move(decision)}};
  return event;
}

TEST(SyscallSummaryTest, CountsCallsPerService) {
  std::vector<Event> events = {
      call("db", "write", "allow"),
      call("db", "write", "deny(input/output error)"),
      call("db", "fsync", "delay(500ms)"),
      call("web", "connect", "drop(partition)"),
      call("db", "openat", "allow (system path)"),
  };
  Event other;
  other.service = "db";
  other.type = EventType::kServiceStarted;
  events.push_back(other);
  const auto summary = syscall_summary(events);
  EXPECT_EQ(summary.at("db"), (SyscallCounts{4, 2, {{"fsync", 1}, {"openat", 1}, {"write", 2}}}));
  EXPECT_EQ(summary.at("web"), (SyscallCounts{1, 0, {{"connect", 1}}}));
}

TEST(SyscallSummaryTest, AHeldCallIsOneCall) {
  const std::vector<Event> events = {call("db", "fsync", "hold(disk)"),
                                     call("db", "fsync", "allow (released)"),
                                     call("db", "fsync", "hold(disk)"),
                                     call("db", "fsync", "deny(input/output error) (released)")};
  EXPECT_EQ(syscall_summary(events).at("db"), (SyscallCounts{2, 2, {{"fsync", 2}}}));
}

}  // namespace
}  // namespace fb
