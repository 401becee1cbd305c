#include "core/trace/normalize.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace fb {
namespace {

Event event(EventType type, std::string service,
            std::vector<std::pair<std::string, std::string>> fields = {}) {
  Event made;
  made.type = type;
  made.service = std::move(service);
  made.fields = std::move(fields);
  return made;
}

std::string call_line(std::string decision, std::string path) {
  std::vector<std::pair<std::string, std::string>> fields = {
      {"syscall", "fsync"}, {"pid", "71"}, {"decision", std::move(decision)}};
  if (!path.empty()) fields.emplace_back("path", std::move(path));
  return normalized_line(event(EventType::kSyscall, "db", std::move(fields))).value_or("none");
}

TEST(NormalizeTest, CallsKeepNameDecisionAndPath) {
  EXPECT_EQ(call_line("deny(input/output error)", "/tmp/a.wal"),
            "fsync deny(input/output error) /tmp/a.wal");
  EXPECT_EQ(call_line("allow", "/tmp/a.wal"), "fsync allow /tmp/a.wal");
  EXPECT_EQ(call_line("delay(500ms)", ""), "fsync delay(500ms)");
}

TEST(NormalizeTest, UneventfulCallsLeaveNoLine) {
  EXPECT_EQ(call_line("allow (system path)", "/lib/x.so"), "none");
  EXPECT_EQ(call_line("allow", ""), "none");
  EXPECT_EQ(call_line("allow", "/dev/null"), "none");
  EXPECT_EQ(call_line("allow", "anon_inode:[eventpoll]"), "none");
}

TEST(NormalizeTest, OnlyPlainAllowIsUneventful) {
  EXPECT_EQ(call_line("allow (released)", ""), "fsync allow (released)");
  EXPECT_EQ(call_line("trace", "/dev/null"), "fsync trace /dev/null");
}

TEST(NormalizeTest, NumbersOfKernelObjectsGo) {
  EXPECT_EQ(call_line("allow", "socket:[4711]"), "fsync allow socket");
  EXPECT_EQ(call_line("allow", "pipe:[1]"), "fsync allow pipe");
  EXPECT_EQ(call_line("trace", "anon_inode:[eventfd]"), "fsync trace anon_inode");
  EXPECT_EQ(call_line("allow", "/tmp/socket:[1]"), "fsync allow /tmp/socket:[1]");
}

TEST(NormalizeTest, ALineStaysALine) {
  EXPECT_EQ(call_line("allow", "/tmp/a\n--- x ---"), "fsync allow /tmp/a\\n--- x ---");
}

TEST(NormalizeTest, SectionsAreSortedAndServicelessEventsAreTheTests) {
  const std::vector<Event> events = {
      event(EventType::kServiceStarted, "web"),
      event(EventType::kServiceReady, "web"),
      event(EventType::kStepSend, "test", {{"target", "web"}, {"method", "get"}}),
      event(EventType::kServiceStarted, "Api"),
      event(EventType::kFaultApplied, "Api", {{"write", "deny(EIO)"}}),
      event(EventType::kPartitionApplied, ""),
      event(EventType::kStdout, "web", {{"raw", "hello"}}),
      event(EventType::kFaultRemoved, "Api"),
      event(EventType::kStepRecv, "test", {{"target", "web"}, {"method", "get"}}),
      event(EventType::kServiceStopped, "only_stopped"),
  };
  EXPECT_EQ(normalize_test("test_x", events),
            "=== test_x ===\n"
            "--- Api ---\nservice_started\nfault_applied\nfault_removed\n"
            "--- test ---\nstep_send web\nstep_recv web\n"
            "--- web ---\nservice_started\nservice_ready\n");
}

}  // namespace
}  // namespace fb
