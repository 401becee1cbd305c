// Real services explored exhaustively: as many executions as there are inequivalent orders.
#include "explorer/campaign.h"
#include "tests/process/controlled_world.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

std::string guest(std::string_view name) {
  return std::string(FB_GUEST_DIR) + "/" + std::string(name);
}

LineScenario services(std::string_view program, std::vector<std::string> roles) {
  LineScenario scenario;
  uint16_t port = 7100;
  for (const std::string& role : roles) {
    scenario.services.push_back(
        {.name = role,
         .binary = guest("orders"),
         .args = {std::to_string(port), std::string(program), role, "/tmp/fb-orders"},
         .port = port});
    scenario.go.push_back(role);
    ++port;
  }
  scenario.prepare = "reset";
  scenario.first = roles.front();
  return scenario;
}

CampaignResult explore(LineScenario scenario) {
  ControlledWorld world(std::move(scenario));
  CampaignOptions options;
  options.keep_going = true;
  options.max_executions = 2000;
  CampaignResult result = run_campaign(options, world).value();
  EXPECT_FALSE(result.broken) << result.broken.value_or("") << world.last_error;
  EXPECT_TRUE(result.nondeterminism.empty()) << result.nondeterminism.front();
  EXPECT_TRUE(result.report.exhausted) << world.last_error;
  return result;
}

void expect_counts(LineScenario scenario, uint64_t traces, uint64_t failures) {
  const CampaignResult result = explore(std::move(scenario));
  EXPECT_EQ(result.report.traces, traces);
  EXPECT_EQ(result.report.executions, traces) << "redundant executions";
  EXPECT_EQ(result.report.failures, failures);
}

TEST(SeccompControlled, LostUpdate) {
  LineScenario scenario = services("lost-update", {"a", "b"});
  scenario.wrong = [](const auto&, const std::string& state) { return !state.starts_with("2 "); };
  expect_counts(scenario, 4, 2);
}

TEST(SeccompControlled, LostUpdateOfThree) {
  LineScenario scenario = services("lost-update", {"a", "b", "c"});
  scenario.wrong = [](const auto&, const std::string& state) { return !state.starts_with("3 "); };
  expect_counts(scenario, 36, 30);
}

TEST(SeccompControlled, PrivateFilesDoNotRace) {
  expect_counts(services("private", {"a", "b", "c"}), 1, 0);
}

TEST(SeccompControlled, Appends) {
  LineScenario scenario = services("append", {"a", "b", "c"});
  scenario.wrong = [](const auto&, const std::string& state) { return state != "0 3"; };
  expect_counts(scenario, 6, 0);
}

TEST(SeccompControlled, AppendsTwice) {
  LineScenario scenario = services("append-twice", {"a", "b"});
  scenario.wrong = [](const auto&, const std::string& state) { return state != "0 4"; };
  expect_counts(scenario, 6, 0);
}

TEST(SeccompControlled, MutualExclusion) {
  LineScenario scenario = services("lock", {"a", "b", "c"});
  scenario.wrong = [](const auto&, const std::string& state) { return !state.starts_with("3 "); };
  expect_counts(scenario, 6, 0);
}

TEST(SeccompControlled, DeadlockByLockOrder) {
  const CampaignResult result = explore(services("deadlock", {"a", "b"}));
  EXPECT_EQ(result.report.traces, 3u);
  EXPECT_EQ(result.report.deadlocks, 1u);
}

TEST(SeccompControlled, ExclusiveCreation) {
  expect_counts(services("exclusive", {"a", "b", "c"}), 3, 0);
}

TEST(SeccompControlled, CheckThenCreate) {
  LineScenario scenario = services("check-create", {"a", "b"});
  scenario.wrong = [](const auto& replies, const auto&) {
    return replies == std::vector<std::string>{"first", "first"};
  };
  expect_counts(scenario, 4, 2);
}

TEST(SeccompControlled, PublishByRename) {
  LineScenario scenario = services("publish", {"a", "b", "c"});
  scenario.wrong = [](const auto& replies, const auto&) {
    return (replies[1] != "old" && replies[1] != "new") ||
           (replies[2] != "old" && replies[2] != "new");
  };
  expect_counts(scenario, 4, 0);
}

TEST(SeccompControlled, ThreadsOfOneProcess) {
  LineScenario scenario = services("threads", {"a"});
  scenario.wrong = [](const auto& replies, const auto&) { return replies[0] != "2"; };
  expect_counts(scenario, 4, 2);
}

TEST(SeccompControlled, ChildrenOfOneProcess) {
  LineScenario scenario = services("children", {"a"});
  scenario.wrong = [](const auto& replies, const auto&) { return replies[0] != "2"; };
  expect_counts(scenario, 4, 2);
}

TEST(SeccompControlled, PipeOfOneWriterAndOneReader) {
  LineScenario scenario = services("pipe", {"a"});
  scenario.wrong = [](const auto& replies, const auto&) { return replies[0] != "12"; };
  expect_counts(scenario, 1, 0);
}

TEST(SeccompControlled, SleepsTakeVirtualTimeOnly) {
  LineScenario scenario = services("sleep", {"a", "b"});
  scenario.wrong = [](const auto&, const std::string& state) { return state != "0 2"; };
  expect_counts(scenario, 1, 0);
}

// Any class of scheduling gives the same orders; the real-time one only gives them faster.
TEST(SeccompControlled, RealTimeClassGivesTheSameOrders) {
  LineScenario scenario = services("lost-update", {"a", "b", "c"});
  scenario.realtime = true;
  scenario.wrong = [](const auto&, const std::string& state) { return !state.starts_with("3 "); };
  expect_counts(scenario, 36, 30);
}

TEST(SeccompControlled, ARunawayIsNamed) {
  LineScenario scenario = services("spin", {"a"});
  scenario.spin_limit = std::chrono::milliseconds(300);
  ControlledWorld world(scenario);
  const ExecutionRecord record = world.execute({});
  EXPECT_TRUE(record.failed);
  EXPECT_NE(record.message.find("a (pid "), std::string::npos) << record.message;
  EXPECT_NE(record.message.find("runs without system calls for 300ms"), std::string::npos)
      << record.message;
}

TEST(SeccompControlled, ARunawayInRealTimeIsEnded) {
  LineScenario scenario = services("spin", {"a"});
  scenario.realtime = true;
  scenario.spin_limit = std::chrono::milliseconds(300);
  ControlledWorld world(scenario);
  // The execution comes to an end, without an answer from the service.
  const ExecutionRecord record = world.execute({});
  EXPECT_EQ(record.outcome.find("ok"), std::string::npos) << record.outcome;
  EXPECT_NE(record.message.find("service \"a\" ran on without system calls"), std::string::npos)
      << record.message;
}

}  // namespace
}  // namespace fb
