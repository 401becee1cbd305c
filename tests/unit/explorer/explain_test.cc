#include "explorer/explain.h"

#include "explorer/campaign.h"
#include "tests/support/model/model_world.h"
#include "tests/support/model/programs.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

using namespace model;

CampaignResult counterexample(const Program& program) {
  ModelWorld world(program);
  Result<CampaignResult> result = run_campaign({}, world);
  EXPECT_TRUE(result.ok() && result->counterexample) << program.name;
  return std::move(*result);
}

std::string race_text(const CampaignResult& result) {
  std::string text;
  for (const RacingAccess& access : result.report.race)
    text += access.actor + " " + access.call + " " + access.object +
            (access.writes ? " writes" : " reads") +
            (access.remark.empty() ? "" : " <- " + access.remark) + "\n";
  return text;
}

TEST(Explain, LostUpdateIsTheWriteBetweenReadAndWrite) {
  const CampaignResult result = counterexample(lost_update(2));
  EXPECT_EQ(race_text(result),
            "p0 pread64 /f0 reads\n"
            "p1 pwrite64 /f0 writes <- after p0's pread64, before p0's pwrite64\n");
  ASSERT_TRUE(result.report.shrunk);
  EXPECT_EQ(result.report.shrunk->operations, 4u);
  EXPECT_EQ(result.report.shrunk->operations_total, 4u);
  EXPECT_EQ(result.report.shrunk->context_switches, 2u);
}

TEST(Explain, CriticalDecisionIsProved) {
  const CampaignResult result = counterexample(lost_update(2));
  EXPECT_EQ(result.report.critical_decision,
            "decision 1, p1 at pread64 /f0: whatever comes after it, the test fails");
  EXPECT_EQ(result.report.first_difference,
            "decision 1: here p1 at pread64 /f0, in the passing one p0 at pwrite64 /f0");
  ASSERT_TRUE(result.passing);
  EXPECT_FALSE(result.passing->failed);
}

TEST(Explain, PassingScheduleRunsAndPasses) {
  for (const Program& program : {lost_update(3), reorder(3), two_stage(2), deadlock01()}) {
    const CampaignResult result = counterexample(program);
    const Result<Schedule> schedule = parse_schedule(result.report.passing_schedule);
    ASSERT_TRUE(schedule.ok()) << program.name;
    ModelWorld world(program);
    const ExecutionRecord record =
        world.run(*plan_of(*schedule, result.counterexample->record.services));
    EXPECT_FALSE(record.failed) << program.name;
    EXPECT_FALSE(result.report.critical_decision.empty()) << program.name;
  }
}

TEST(Explain, DeadlockIsDecidedByTheSecondLock) {
  const CampaignResult result = counterexample(deadlock01());
  EXPECT_EQ(result.report.critical_decision,
            "decision 1, p1 at flock lock1: whatever comes after it, the test fails");
}

TEST(Explain, PrivateOperationsAreNotRelevant) {
  Program program = par_length(5);
  program.bad = [](const State& state) { return state.cells[0] == 1; };
  const CampaignResult result = counterexample(program);
  ASSERT_TRUE(result.report.shrunk);
  EXPECT_EQ(result.report.shrunk->operations, 4u);
  EXPECT_EQ(result.report.shrunk->operations_total, 14u);
}

TEST(Explain, NothingIsToBlameWhereEverythingFails) {
  Program program = lost_update(2);
  program.bad = [](const State&) { return true; };
  const CampaignResult result = counterexample(program);
  EXPECT_TRUE(result.report.race.empty());
  EXPECT_EQ(result.report.critical_decision, "");
  EXPECT_FALSE(result.passing);
}

TEST(Explain, KeepsToItsBudget) {
  const Program program = lost_update(4);
  ModelWorld world(program);
  CampaignOptions options;
  options.shrink_executions_max = 0;
  options.explain_executions_max = 0;
  const Result<CampaignResult> result = run_campaign(options, world);
  ASSERT_TRUE(result.ok());
  // The search, the second run of the first schedule, ten replays.
  EXPECT_EQ(world.runs(), result->report.executions + 1 + 10);
}

}  // namespace
}  // namespace fb
