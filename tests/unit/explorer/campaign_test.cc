#include "explorer/campaign.h"

#include "tests/support/model/model_world.h"
#include "tests/support/model/programs.h"
#include "tests/support/model/random_program.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fb {
namespace {

using namespace model;

CampaignResult run(const Program& program, const CampaignOptions& options = {}, int capacity = 1) {
  ModelWorld world(program, capacity);
  Result<CampaignResult> result = run_campaign(options, world);
  EXPECT_TRUE(result.ok());
  return std::move(*result);
}

TEST(Campaign, ReportsAnExhaustedSearch) {
  const CampaignResult result = run(locked_increments(3));
  const ExplorationReport& report = result.report;
  EXPECT_EQ(report.mode, "all");
  EXPECT_EQ(report.strategy, "optimal");
  EXPECT_EQ(report.executions, 6u);
  EXPECT_EQ(report.traces, 6u);
  EXPECT_EQ(report.complete, 6u);
  EXPECT_EQ(report.blocked, 0u);
  EXPECT_TRUE(report.exhausted);
  EXPECT_EQ(report.budget, std::nullopt);
  EXPECT_EQ(report.decisions_max, 12u);
  EXPECT_EQ(report.actors_max, 3u);
  EXPECT_EQ(report.failures, 0u);
  EXPECT_EQ(report.preemptions_min, std::nullopt);
  EXPECT_FALSE(result.counterexample);
  EXPECT_TRUE(result.first);
  EXPECT_EQ(report.replayed, "");
}

TEST(Campaign, EndsAtTheFirstFailureAndReplaysIt) {
  const CampaignResult result = run(lost_update(3));
  const ExplorationReport& report = result.report;
  EXPECT_EQ(report.failures, 1u);
  EXPECT_EQ(report.first_failure, report.executions - 1);
  EXPECT_EQ(report.preemptions_min, 1u);
  EXPECT_EQ(report.replayed, "10/10");
  EXPECT_FALSE(report.exhausted);
  EXPECT_EQ(report.budget, std::nullopt);
  ASSERT_TRUE(result.counterexample);
  EXPECT_TRUE(result.counterexample->record.failed);
  EXPECT_EQ(result.counterexample->schedule.steps.size(), 6u);
  EXPECT_TRUE(result.nondeterminism.empty());
}

TEST(Campaign, ScheduleOfTheCounterexampleFails) {
  const Program program = lost_update(3);
  const CampaignResult result = run(program);
  ModelWorld world(program);
  const Result<Plan> plan =
      plan_of(result.counterexample->schedule, result.counterexample->record.services);
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(world.run(*plan).failed);
}

TEST(Campaign, CountsAllFailuresWhenAsked) {
  CampaignOptions options;
  options.keep_going = true;
  const CampaignResult result = run(lost_update(3), options);
  EXPECT_TRUE(result.report.exhausted);
  EXPECT_EQ(result.report.failures, 30u);
  EXPECT_EQ(result.report.outcomes.size(), 16u);
  uint64_t executions = 0;
  for (const auto& outcome : result.report.outcomes) executions += outcome.executions;
  EXPECT_EQ(executions, 36u);
}

TEST(Campaign, ExamplesOfOutcomesHaveThem) {
  const Program program = lost_update(2);
  CampaignOptions options;
  options.keep_going = true;
  const CampaignResult result = run(program, options);
  ModelWorld world(program);
  for (const auto& outcome : result.report.outcomes) {
    const Result<Schedule> schedule = parse_schedule(outcome.example_schedule);
    ASSERT_TRUE(schedule.ok());
    EXPECT_EQ(world.run(*plan_of(*schedule, {{"p0", "p1"}})).outcome, outcome.key);
  }
}

TEST(Campaign, CountsDeadlocks) {
  CampaignOptions options;
  options.keep_going = true;
  const CampaignResult result = run(philosophers(4), options);
  EXPECT_EQ(result.report.deadlocks, 1u);
  EXPECT_EQ(result.report.failures, 1u);
  EXPECT_EQ(result.report.preemptions_min, 1u);
}

TEST(Campaign, NamesTheBudgetThatEndedIt) {
  CampaignOptions options;
  options.max_executions = 5;
  CampaignResult result = run(writers(5), options);
  EXPECT_EQ(result.report.executions, 5u);
  EXPECT_EQ(result.report.budget, "max-executions");
  EXPECT_FALSE(result.report.exhausted);

  options = {};
  options.max_decisions = 12;
  result = run(writers(5), options);
  EXPECT_EQ(result.report.executions, 3u);
  EXPECT_EQ(result.report.budget, "max-decisions");

  options = {};
  int64_t calls = 0;
  options.elapsed = [&calls] { return Duration{++calls}; };
  options.max_time = Duration{8};
  result = run(writers(5), options);
  EXPECT_EQ(result.report.executions, 7u);
  EXPECT_EQ(result.report.budget, "max-time");

  options = {};
  options.max_steps = 3;
  result = run(lost_update(2), options);
  EXPECT_EQ(result.report.budget, "max-steps");
  EXPECT_FALSE(result.report.exhausted);
}

TEST(Campaign, PreemptionBoundIsNamedOnlyWhereItLeftSomethingOut) {
  CampaignOptions options;
  options.keep_going = true;
  options.preemptions_max = 0;
  CampaignResult result = run(appends(3, 2), options);
  EXPECT_EQ(result.report.budget, "preemptions");
  EXPECT_FALSE(result.report.exhausted);
  options.preemptions_max = 3;
  result = run(appends(3, 2), options);
  EXPECT_EQ(result.report.budget, std::nullopt);
  EXPECT_TRUE(result.report.exhausted);
}

TEST(Campaign, FirstScheduleIsRunTwice) {
  const Program program = lost_update(2);
  ModelWorld world(program);
  world.tamper = [](uint64_t run, ExecutionRecord& record) {
    if (run == 2) record.steps[3].candidates[0].key = "/f7";
  };
  CampaignOptions options;
  options.keep_going = true;
  const Result<CampaignResult> result = run_campaign(options, world);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(
      result->nondeterminism,
      (std::vector<std::string>{"decision 3: once p1 at pwrite64 /f0, once p1 at pwrite64 /f7"}));
  EXPECT_FALSE(result->report.exhausted);
}

TEST(Campaign, RateOfReplayIsPrinted) {
  const Program program = lost_update(2);
  ModelWorld world(program);
  world.tamper = [](uint64_t run, ExecutionRecord& record) {
    if (record.failed && run > 6 && run % 2 == 0) record.failed = false;
  };
  CampaignOptions options;
  options.shrink_executions_max = 0;
  options.explain_executions_max = 0;
  const Result<CampaignResult> result = run_campaign(options, world);
  ASSERT_TRUE(result.ok());
  ASSERT_TRUE(result->counterexample);
  EXPECT_EQ(result->report.replayed, "7/10");
  EXPECT_EQ(result->nondeterminism.size(), 1u);
}

TEST(Campaign, BrokenWorldEndsIt) {
  const Program program = lost_update(2);
  ModelWorld world(program);
  world.tamper = [](uint64_t, ExecutionRecord& record) {
    record.end = EndState::kBroken;
    record.message = "ledger did not start";
  };
  const Result<CampaignResult> result = run_campaign({}, world);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->broken, "ledger did not start");
  EXPECT_FALSE(result->report.exhausted);
}

TEST(Campaign, UnknownSamplerIsAnError) {
  const Program program = lost_update(2);
  ModelWorld world(program);
  CampaignOptions options;
  options.mode = CampaignOptions::Mode::kSample;
  options.strategy = "luck";
  EXPECT_FALSE(run_campaign(options, world).ok());
}

bool same_report(const CampaignResult& a, const CampaignResult& b) {
  const auto key = [](const CampaignResult& r) {
    return std::tuple(r.report.executions, r.report.traces, r.report.failures,
                      r.report.first_failure, r.report.preemptions_min, r.report.exhausted,
                      r.report.blocked,
                      r.counterexample ? schedule_text(r.counterexample->schedule) : "");
  };
  return key(a) == key(b);
}

RC_GTEST_PROP(Campaign, NothingDependsOnHowManyRunAtOnce, ()) {
  const Program made = program(*any_program(3, 3));
  for (Reduction reduction : {Reduction::kSleep, Reduction::kSource, Reduction::kOptimal}) {
    CampaignOptions options;
    options.reduction = reduction;
    options.keep_going = *rc::gen::arbitrary<bool>();
    if (*rc::gen::arbitrary<bool>()) options.max_executions = 5;
    const CampaignResult alone = run(made, options, 1);
    RC_ASSERT(same_report(alone, run(made, options, 2)));
    RC_ASSERT(same_report(alone, run(made, options, 7)));
  }
}

}  // namespace
}  // namespace fb
