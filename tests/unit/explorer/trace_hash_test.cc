#include "core/sched/trace_hash.h"

#include "tests/support/model/model_world.h"
#include "tests/support/model/oracle.h"
#include "tests/support/model/programs.h"
#include "tests/support/model/random_program.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <set>

namespace fb {
namespace {

using namespace model;

ExecutionRecord random_execution(const Program& program, uint64_t seed) {
  ModelWorld world(program);
  Plan plan;
  plan.policy = "rw";
  plan.policy_seed = seed;
  return world.run(plan);
}

RC_GTEST_PROP(TraceHash, IsTheSameForAllLinearisations, (uint64_t seed)) {
  const Program made = program(*any_program(4, 5));
  ExecutionRecord record = random_execution(made, seed);
  const Hash128 hash = trace_hash(record);
  const int swaps = *rc::gen::inRange(1, 40);
  for (int i = 0; i < swaps && record.steps.size() > 1; ++i) {
    const auto at =
        static_cast<size_t>(*rc::gen::inRange<int>(0, static_cast<int>(record.steps.size()) - 1));
    ExecutedStep &a = record.steps[at], &b = record.steps[at + 1];
    if (a.choice.actor == b.choice.actor || dependent(a.footprint, b.footprint)) continue;
    std::swap(a, b);
  }
  RC_ASSERT(trace_hash(record) == hash);
}

RC_GTEST_PROP(TraceHash, ChangesWhenDependentNeighboursSwap, (uint64_t seed)) {
  const Program made = program(*any_program(4, 5));
  ExecutionRecord record = random_execution(made, seed);
  std::vector<size_t> places;
  for (size_t i = 0; i + 1 < record.steps.size(); ++i)
    if (record.steps[i].choice.actor != record.steps[i + 1].choice.actor &&
        dependent(record.steps[i].footprint, record.steps[i + 1].footprint))
      places.push_back(i);
  RC_PRE(!places.empty());
  const Hash128 hash = trace_hash(record);
  const size_t at = *rc::gen::elementOf(places);
  std::swap(record.steps[at], record.steps[at + 1]);
  RC_ASSERT(trace_hash(record) != hash);
}

TEST(TraceHash, DistinguishesAllTracesOfAProgram) {
  const Program program = lost_update(3);
  std::set<Hash128> seen;
  for (uint64_t seed = 0; seed < 3000; ++seed)
    seen.insert(trace_hash(random_execution(program, seed)));
  EXPECT_EQ(seen.size(), 36u);
}

// A hash is printed and compared across machines and versions: it must never change by accident.
TEST(TraceHash, HasAFixedValue) {
  const Program program = lost_update(2);
  ModelWorld world(program);
  EXPECT_EQ(trace_hash(world.run({})).text(), "27572a1d9e14b94632ca0ab2cb928324");
}

}  // namespace
}  // namespace fb
