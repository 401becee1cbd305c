#include "explorer/replay_chooser.h"

#include "explorer/schedule.h"
#include "tests/support/model/model_world.h"
#include "tests/support/model/programs.h"
#include "tests/support/model/random_program.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fb {
namespace {

using namespace model;

ActorId process(uint16_t i) {
  return ActorId::service({i}, 0, 0);
}

PlannedStep step(uint16_t i) {
  return {{process(i), 0}, "", "", false};
}

Plan plan_for(std::vector<PlannedStep> prefix) {
  Plan plan;
  plan.prefix = std::move(prefix);
  return plan;
}

std::vector<int> order(const ExecutionRecord& record) {
  std::vector<int> processes;
  for (const ExecutedStep& step : record.steps) processes.push_back(step.choice.actor.index);
  return processes;
}

TEST(ReplayChooser, FollowsThePrefixThenKeepsTheLastActorRunning) {
  const Program program = lost_update(3);
  ModelWorld world(program);
  EXPECT_EQ(order(world.run(plan_for({step(2), step(1), step(2)}))),
            (std::vector<int>{2, 1, 2, 0, 0, 1}));
}

TEST(ReplayChooser, NamesWhatItExpectedAndWhatItFound) {
  const Program program = lost_update(2);
  ModelWorld world(program);
  Plan plan = plan_for({step(0), step(1)});
  plan.prefix.push_back({{process(1), 0}, "pread64", "/f0", false});
  const ExecutionRecord record = world.run(plan);
  EXPECT_EQ(record.end, EndState::kDiverged);
  EXPECT_TRUE(record.failed);
  EXPECT_EQ(record.message,
            "decision 2: expected p1 to do pread64 /f0, but it is at pwrite64 /f0; pending: "
            "p0: pwrite64 /f0, p1: pwrite64 /f0");
}

TEST(ReplayChooser, DoesNotLetABlockedOperationGo) {
  const Program program = philosophers(2);
  ModelWorld world(program);
  const ExecutionRecord record = world.run(plan_for({step(0), step(0), step(1)}));
  EXPECT_EQ(record.end, EndState::kDiverged);
  EXPECT_EQ(record.message,
            "decision 2: expected p1 to do its next operation (outcome 0), but that would block; "
            "pending: p0: flock_un lock1, p1: flock lock1 (blocked)");
}

TEST(ReplayChooser, EndsTheTentativePartOfAPlanQuietly) {
  const Program program = philosophers(2);
  ModelWorld world(program);
  Plan plan = plan_for({step(0), step(0), step(1)});
  plan.prefix.back().tentative = true;
  const ExecutionRecord record = world.run(plan);
  EXPECT_EQ(record.end, EndState::kComplete);
  EXPECT_EQ(order(record), (std::vector<int>{0, 0, 0, 0, 1, 1, 1, 1}));
}

TEST(ReplayChooser, KeepsAwayFromSleepersUntilTheyWake) {
  const Program program = lost_update(2);
  ModelWorld world(program);
  Plan plan;
  plan.sleep = {{{process(0), 0}, 0}};
  // p0's read sleeps until p1 has written.
  EXPECT_EQ(order(world.run(plan)), (std::vector<int>{1, 1, 0, 0}));
}

TEST(ReplayChooser, EndsWhereAllSleep) {
  const Program program = independent(2, 1);
  ModelWorld world(program);
  Plan plan;
  plan.sleep = {{{process(0), 0}, 0}};
  const ExecutionRecord record = world.run(plan);
  EXPECT_EQ(record.end, EndState::kRedundant);
  EXPECT_FALSE(record.failed);
  EXPECT_EQ(order(record), (std::vector<int>{1}));
}

TEST(ReplayChooser, SleepersJoinWhereThePlanSays) {
  const Program program = independent(2, 2);
  ModelWorld world(program);
  Plan plan = plan_for({step(0), step(1)});
  plan.sleep = {{{process(0), 0}, 2}};
  EXPECT_EQ(order(world.run(plan)), (std::vector<int>{0, 1, 1}));
}

TEST(ReplayChooser, UnknownPolicyIsAnError) {
  Plan plan;
  plan.policy = "rwx";
  const auto chooser = make_chooser(plan, {});
  ASSERT_FALSE(chooser.ok());
  EXPECT_TRUE(chooser.error().message.starts_with("unknown strategy \"rwx\" (one of: "));
}

TEST(AnchoredReplay, SkipsWhatIsGone) {
  const Program program = lost_update(2);
  ModelWorld world(program);
  // Planned for code in which p0 read twice.
  Plan plan = plan_for({{{process(0), 0}, "stat", "/f0", false},
                        {{process(0), 0}, "pread64", "/f0", false},
                        {{process(1), 0}, "pread64", "/f0", false},
                        {{process(1), 0}, "pwrite64", "/f0", false},
                        {{process(0), 0}, "pwrite64", "/f0", false}});
  plan.anchored = true;
  EXPECT_EQ(order(world.run(plan)), (std::vector<int>{0, 1, 1, 0}));
}

TEST(AnchoredReplay, LetsNewOperationsIn) {
  const Program program = locked_increments(2);
  ModelWorld world(program);
  // Planned for code without locks.
  Plan plan = plan_for({{{process(1), 0}, "pread64", "/f0", false},
                        {{process(1), 0}, "pwrite64", "/f0", false},
                        {{process(0), 0}, "pread64", "/f0", false},
                        {{process(0), 0}, "pwrite64", "/f0", false}});
  plan.anchored = true;
  const std::vector<std::string> services = {"p0", "p1"};
  EXPECT_EQ(order(world.run(plan)), (std::vector<int>{1, 1, 1, 1, 0, 0, 0, 0}));
}

// Whatever was run can be written down, read back and run again.
RC_GTEST_PROP(Replay, RepeatsRandomExecutions, (uint64_t seed)) {
  const RandomProgram source = *any_program(4, 5);
  const Program made = program(source);
  ModelWorld world(made);
  Plan random;
  random.policy = "rw";
  random.policy_seed = seed;
  const ExecutionRecord first = world.run(random);
  const Result<Schedule> schedule =
      parse_schedule(schedule_text(schedule_of(first, seed, "rw", "deterministic")));
  RC_ASSERT(schedule.ok());
  const ExecutionRecord second = world.run(*plan_of(*schedule, first.services));
  RC_ASSERT(second == first);
}

}  // namespace
}  // namespace fb
