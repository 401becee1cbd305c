#include "explorer/shrink.h"

#include "tests/support/model/model_world.h"
#include "tests/support/model/programs.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fb {
namespace {

using namespace model;

// The first failing random walk, if there is one among the first 300.
std::optional<ExecutionRecord> random_failure(ModelWorld& world, uint64_t seed) {
  Plan plan;
  plan.policy = "rw";
  for (uint64_t i = 0; i < 300; ++i) {
    plan.policy_seed = seed * 1000 + i;
    ExecutionRecord record = world.run(plan);
    if (record.failed) return record;
  }
  return std::nullopt;
}

ExecutionSize shrunk_size(const Program& program, uint64_t seed) {
  ModelWorld world(program);
  const std::optional<ExecutionRecord> failing = random_failure(world, seed);
  EXPECT_TRUE(failing) << program.name;
  const ExecutionRecord small = shrink(world, {}, *failing, {});
  EXPECT_TRUE(small.failed);
  return size_of(small);
}

TEST(Shrink, LostUpdateNeedsOnePreemption) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const ExecutionSize size = shrunk_size(lost_update(4), seed);
    EXPECT_EQ(size.preemptions, 1u);
    EXPECT_EQ(size.context_switches, 4u);
  }
}

TEST(Shrink, DeadlockOfPhilosophersNeedsOnePreemption) {
  for (uint64_t seed = 0; seed < 20; ++seed)
    EXPECT_EQ(shrunk_size(philosophers(4), seed).preemptions, 1u);
}

TEST(Shrink, TwoStageNeedsOnePreemption) {
  for (uint64_t seed = 0; seed < 10; ++seed)
    EXPECT_EQ(shrunk_size(two_stage(3), seed).preemptions, 1u);
}

TEST(Shrink, ReorderNeedsOnePreemption) {
  for (uint64_t seed = 0; seed < 10; ++seed)
    EXPECT_EQ(shrunk_size(reorder(4), seed).preemptions, 1u);
}

TEST(Shrink, DropsFaultsThatDoNotMatter) {
  Program program = faulty_writes(3);
  program.bad = [](const State& state) { return state.cells[1] == 0; };
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const ExecutionSize size = shrunk_size(program, seed);
    EXPECT_EQ(size.faults, 1u);
    EXPECT_EQ(size.preemptions, 0u);
  }
}

TEST(Shrink, KeepsToItsBudget) {
  const Program program = lost_update(4);
  ModelWorld world(program);
  const std::optional<ExecutionRecord> failing = random_failure(world, 1);
  ASSERT_TRUE(failing);
  const uint64_t before = world.runs();
  shrink(world, {}, *failing, {.executions_max = 3, .out_of_time = {}});
  EXPECT_EQ(world.runs(), before + 3);
}

}  // namespace
}  // namespace fb
