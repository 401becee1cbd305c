#include "core/sched/blocking.h"
#include "tests/support/model/model_world.h"
#include "tests/support/model/programs.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

using namespace model;

std::string deadlock(const Program& program, const std::vector<uint16_t>& order) {
  ModelWorld world(program);
  Plan plan;
  for (uint16_t i : order) plan.prefix.push_back({{ActorId::service({i}, 0, 0), 0}, "", "", false});
  const ExecutionRecord record = world.run(plan);
  EXPECT_EQ(record.end, EndState::kDeadlock);
  return record.message;
}

Program two(std::vector<Step> a, std::vector<Step> b, int locks, int pipes) {
  Program program;
  program.bodies = {sequence(std::move(a)), sequence(std::move(b))};
  program.locks = locks;
  program.pipes = pipes;
  program.counters = 1;
  return program;
}

TEST(DescribeDeadlock, NamesTheWaitCycle) {
  EXPECT_EQ(deadlock(philosophers(3), {0, 1, 2}),
            "wait cycle: p0 at flock lock1 (held by p1 since decision 1) -> p1 at flock lock2 "
            "(held by p2 since decision 2) -> p2 at flock lock0 (held by p0 since decision 0) -> "
            "p0");
}

TEST(DescribeDeadlock, SetsThoseAsideWhoOnlyWaitForTheCycle) {
  Program program = deadlock01();
  program.bodies.push_back(sequence({lock(0)}));
  EXPECT_EQ(deadlock(program, {0, 1}),
            "wait cycle: p0 at flock lock1 (held by p1 since decision 1) -> p1 at flock lock0 "
            "(held by p0 since decision 0) -> p0; also blocked: p2 at flock lock0 (held by p0 "
            "since decision 0)");
}

TEST(DescribeDeadlock, LockOfOneWhoHasEnded) {
  EXPECT_EQ(deadlock(two({lock(0)}, {lock(0)}, 1, 0), {0}),
            "blocked: p1 at flock lock0 (held by p0, which has ended, since decision 0)");
}

TEST(DescribeDeadlock, LockHeldByOneself) {
  EXPECT_EQ(deadlock(two({lock(0), lock(0)}, {op(Call::kPrivate)}, 1, 0), {0}),
            "wait cycle: p0 at flock lock0 (held by p0 since decision 0) -> p0");
}

TEST(DescribeDeadlock, NobodyWasEverThere) {
  EXPECT_EQ(deadlock(two({op(Call::kReceive)}, {op(Call::kPrivate)}, 0, 1), {1}),
            "blocked: p0 at recv pipe0 (nobody is left to provide it)");
}

TEST(DescribeDeadlock, BothWaitForAnAnswer) {
  const Program program =
      two({op(Call::kSend, 0), op(Call::kReceive, 1), op(Call::kReceive, 1)},
          {op(Call::kReceive, 0), op(Call::kSend, 1), op(Call::kReceive, 0)}, 0, 2);
  EXPECT_EQ(deadlock(program, {0, 1, 1, 0}),
            "wait cycle: p0 at recv pipe1 (last provided by p1 at decision 2) -> p1 at recv pipe0 "
            "(last provided by p0 at decision 0) -> p0");
}

TEST(DescribeDeadlock, WithoutNeedsTheLastOneToTouchItIsNamed) {
  // A counter does not say what it needs.
  EXPECT_EQ(
      deadlock(two({op(Call::kTake)}, {op(Call::kPost), op(Call::kTake), op(Call::kTake)}, 0, 0),
               {1, 1}),
      "blocked: p0 at take sem0 (last touched by p1 at decision 1), p1 at take sem0 (nobody is "
      "left to provide it)");
}

}  // namespace
}  // namespace fb
