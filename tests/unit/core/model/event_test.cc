#include "core/model/event.h"

#include <gtest/gtest.h>
#include <set>

namespace fb {
namespace {

Event event(EventType type, std::vector<std::pair<std::string, std::string>> fields = {}) {
  Event out;
  out.type = type;
  out.fields = std::move(fields);
  return out;
}

TEST(EventTest, NamesItsType) {
  EXPECT_EQ(event(EventType::kServiceStarted).event_type(), "lifecycle.started");
  EXPECT_EQ(event(EventType::kServiceResumed).event_type(), "lifecycle.resumed");
  EXPECT_EQ(event(EventType::kSyscall, {{"syscall", "write"}}).event_type(), "syscall.write");
  EXPECT_EQ(event(EventType::kStepSend, {{"target", "db"}}).event_type(), "step_send.db");
  EXPECT_EQ(event(EventType::kStepRecv, {{"target", "db"}}).event_type(), "step_recv.db");
  EXPECT_EQ(event(EventType::kFaultApplied).event_type(), "fault_applied");
  EXPECT_EQ(event(EventType::kProxy).event_type(), "proxy");
}

TEST(EventTest, HasANameForEveryType) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(EventType::kViolation); ++i) {
    const std::string_view name = event_type_name(static_cast<EventType>(i));
    EXPECT_FALSE(name.empty()) << i;
    EXPECT_TRUE(names.insert(name).second) << name;
  }
  EXPECT_EQ(event_type_name(EventType::kViolation), "violation");
}

TEST(EventTest, LooksUpFields) {
  const Event write = event(EventType::kSyscall, {{"syscall", "write"}, {"label", ""}});
  EXPECT_EQ(write.field("syscall"), "write");
  EXPECT_EQ(write.field("path"), "");
  EXPECT_TRUE(write.has("label"));
  EXPECT_FALSE(write.has("path"));
}

}  // namespace
}  // namespace fb
