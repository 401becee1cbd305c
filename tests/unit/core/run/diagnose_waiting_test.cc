#include "core/run/diagnose_waiting.h"

#include "tests/support/log_builder.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

using test::LogBuilder;
constexpr ServiceId kApi = LogBuilder::kApi, kDb = LogBuilder::kDb;
constexpr const char* kRule = "|connect=deny(ECONNREFUSED)|0";

class TimeoutTest : public ::testing::Test {
 protected:
  std::optional<Diagnostic> diagnosed(uint64_t hits, std::vector<HeldReport> held = {},
                                      std::vector<TimedOut::Blocked> blocked = {}) {
    return timeout_diagnostic({.log = log_.log(),
                               .steps = log_.steps(),
                               .hits = hits,
                               .held = held,
                               .services = blocked});
  }
  void refuse() { log_.call(kApi, "connect", "deny(connection refused)", "", kRule); }

  LogBuilder log_;
};

TEST_F(TimeoutTest, AHeldCallIsTheCause) {
  const auto found = diagnosed(1, {{.service = "db",
                                    .syscall = "fsync",
                                    .path = "/tmp/a",
                                    .tag = "gate",
                                    .seq = 4,
                                    .age_ms = 59'000}});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->code, "TIMEOUT_DURING_FAULT");
  EXPECT_EQ(found->message,
            "the test timed out while calls were held: db fsync /tmp/a [gate] for 59s");
}

TEST_F(TimeoutTest, ACallThatIsRetriedInThePendingStepIsTheCause) {
  log_.send("api", "post", "http");
  for (int i = 0; i < 3; ++i) {
    refuse();
    log_.pass(std::chrono::milliseconds(99));
  }
  const auto found = diagnosed(3);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->code, "TIMEOUT_DURING_FAULT");
  EXPECT_EQ(found->message,
            "the test timed out in a step during which a fault fired: api: connect got "
            "deny(connection refused) 3 times, every 100ms, last #4");
  EXPECT_EQ(found->suggestion, "the call is retried without end or without a limit");
  EXPECT_EQ(found->service, "api");
  EXPECT_EQ(found->events, (std::vector<uint64_t>{2, 4}));
}

TEST_F(TimeoutTest, OneFiringIsNoRetry) {
  log_.send("api", "post", "http");
  refuse();
  const auto found = diagnosed(1);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->suggestion, "what followed the fault never answered the step");
  EXPECT_EQ(found->events, (std::vector<uint64_t>{2}));
}

TEST_F(TimeoutTest, AFaultBeforeThePendingStepIsNotBlamed) {
  refuse();
  const size_t answered = log_.send("api", "post", "http");
  refuse();
  log_.receive(answered, "503", true);
  log_.send("api", "get", "http");
  EXPECT_EQ(diagnosed(2), std::nullopt);
}

TEST_F(TimeoutTest, WithoutFaultsItTellsWhatEachServiceWaitsIn) {
  log_.send("api", "post", "http");
  log_.call(kDb, "fsync", "allow", "/tmp/a");
  const auto found =
      diagnosed(0, {}, {{"api", {"read socket:[7]", "futex (3 threads)"}}, {"db", {}}});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->code, "TIMEOUT_NO_FAULT_FIRED");
  EXPECT_EQ(found->suggestion,
            "faults are not the cause; waiting: api in read socket:[7], futex (3 threads)");
  EXPECT_EQ(diagnosed(0)->suggestion, "faults are not the cause");
}

TEST(HoldLeftTest, ListsTheCallsThatWereLeft) {
  TestResult result;
  result.held = {{.service = "db",
                  .syscall = "fsync",
                  .path = "/tmp/a",
                  .tag = "gate",
                  .seq = 4,
                  .age_ms = 1'500},
                 {.service = "db", .syscall = "read", .tag = "in", .seq = 6, .age_ms = 2}};
  add_holds_left(result);
  ASSERT_EQ(result.diagnostics.size(), 1u);
  const Diagnostic& found = result.diagnostics[0];
  EXPECT_EQ(found.level, Diagnostic::Level::kWarning);
  EXPECT_EQ(found.code, "HOLD_LEFT");
  EXPECT_EQ(found.message,
            "the test ended with held calls: db fsync /tmp/a [gate] for 1.5s, db read [in] for "
            "2ms");
  EXPECT_EQ(found.service, "db");
  EXPECT_EQ(found.events, (std::vector<uint64_t>{4, 6}));
}

TEST(HoldLeftTest, SilentWhenAllWereReleased) {
  TestResult result;
  add_holds_left(result);
  EXPECT_TRUE(result.diagnostics.empty());
}

}  // namespace
}  // namespace fb
