// Preemption-bounded counts: how many traces need at most c preemptions. Two ways to count must
// agree with the published figures: the best order of every trace an optimal search finds, and a
// plain enumeration that leaves out what needs more than c.
#include "explorer/linearise.h"

#include "core/sched/trace_hash.h"
#include "explorer/preemptions.h"
#include "explorer/strategies/exhaustive.h"
#include "tests/support/model/model_world.h"
#include "tests/support/model/programs.h"
#include "tests/support/model/random_program.h"

#include <gtest/gtest.h>
#include <map>
#include <ostream>
#include <rapidcheck/gtest.h>
#include <set>

namespace fb {
namespace {

using namespace model;

using Cumulative = std::vector<uint64_t>;  // by number of preemptions

Cumulative cumulative(const std::map<uint64_t, uint64_t>& counts) {
  Cumulative sums;
  uint64_t sum = 0;
  for (uint64_t c = 0; !counts.empty() && c <= counts.rbegin()->first; ++c) {
    if (const auto found = counts.find(c); found != counts.end()) sum += found->second;
    sums.push_back(sum);
  }
  return sums;
}

template <class Visit>
void visit_all(const Program& program, const ExhaustiveOptions& options, Visit visit) {
  ModelWorld world(program);
  ExhaustiveSearch search(options);
  while (true) {
    const std::vector<uint64_t> tickets = search.upcoming(1);
    if (tickets.empty()) return;
    const ExecutionRecord record = world.run(search.plan(tickets[0]));
    search.commit(tickets[0], record);
    if (record.end != EndState::kRedundant) visit(record);
  }
}

Cumulative by_best_order(const Program& program) {
  std::map<uint64_t, uint64_t> counts;
  visit_all(program, {}, [&](const ExecutionRecord& record) {
    const std::optional<Linearisation> best = fewest_preemptions(record);
    ASSERT_TRUE(best);
    ++counts[best->preemptions];
  });
  return cumulative(counts);
}

Cumulative by_enumeration(const Program& program) {
  std::map<Hash128, uint64_t> fewest;
  ExhaustiveOptions options;
  options.reduction = Reduction::kNone;
  options.order = SearchTree::Order::kDepthFirst;
  visit_all(program, options, [&](const ExecutionRecord& record) {
    const auto [known, is_new] = fewest.try_emplace(trace_hash(record), preemptions(record));
    if (!is_new) known->second = std::min(known->second, preemptions(record));
  });
  std::map<uint64_t, uint64_t> counts;
  for (const auto& [trace, count] : fewest) ++counts[count];
  return cumulative(counts);
}

struct Expected {
  std::string label;
  std::function<Program()> make;
  Cumulative counts;
};
void PrintTo(const Expected& expected, std::ostream* out) {
  *out << expected.label;
}

class PreemptionCounts : public testing::TestWithParam<Expected> {};

TEST_P(PreemptionCounts, OfTheBestOrderOfEachTrace) {
  EXPECT_EQ(by_best_order(GetParam().make()), GetParam().counts);
}

INSTANTIATE_TEST_SUITE_P(
    Published, PreemptionCounts,
    testing::Values(
        Expected{"append2 2", [] { return appends(2, 2); }, {2, 4}},
        Expected{"append2 3", [] { return appends(3, 2); }, {6, 24, 36}},
        Expected{"append2 4", [] { return appends(4, 2); }, {24, 168, 432, 576}},
        Expected{"append3 3", [] { return appends(3, 3); }, {6, 42, 120, 192, 216}},
        Expected{"lost update 3", [] { return lost_update(3); }, {6, 24, 36}},
        Expected{"pipe 2x3-1", [] { return many_to_one_pipe(2, 3); }, {2, 6, 14, 18, 20}},
        Expected{"poller 3 3", [] { return poller(3, 3); }, {2, 6, 14, 18, 20}},
        Expected{"pipe 3x2-1", [] { return many_to_one_pipe(3, 2); }, {6, 24, 60, 90}},
        Expected{
            "poller 5 5", [] { return poller(5, 5); }, {2, 10, 42, 90, 162, 210, 242, 250, 252}},
        Expected{"philosophers 2", [] { return philosophers(2); }, {2, 3}},
        Expected{"philosophers 4", [] { return philosophers(4); }, {14, 15}},
        Expected{"two stage 3", [] { return two_stage(3); }, {6, 30, 40}}));

class EnumeratedPreemptionCounts : public testing::TestWithParam<Expected> {};

TEST_P(EnumeratedPreemptionCounts, AreThoseOfTheBestOrders) {
  EXPECT_EQ(by_enumeration(GetParam().make()), GetParam().counts);
}

INSTANTIATE_TEST_SUITE_P(
    Published, EnumeratedPreemptionCounts,
    testing::Values(
        Expected{"append2 3", [] { return appends(3, 2); }, {6, 24, 36}},
        Expected{"pipe 2x3-1", [] { return many_to_one_pipe(2, 3); }, {2, 6, 14, 18, 20}},
        Expected{"philosophers 3", [] { return philosophers(3); }, {6, 7}},
        Expected{
            "poller 5 5", [] { return poller(5, 5); }, {2, 10, 42, 90, 162, 210, 242, 250, 252}}));

// The order runs, is the same trace, and has the promised number of preemptions wherever blocking
// is exactly told.
RC_GTEST_PROP(Linearise, FindsAnOrderOfTheSameTrace, (uint64_t seed)) {
  const Program made =
      program(*any_program(3, 4,
                           {Call::kRead, Call::kWrite, Call::kAppend, Call::kLock, Call::kUnlock,
                            Call::kPrivate, Call::kJoin, Call::kCreate}));
  ModelWorld world(made);
  Plan plan;
  plan.policy = "rw";
  plan.policy_seed = seed;
  const ExecutionRecord record = world.run(plan);
  const std::optional<Linearisation> best = fewest_preemptions(record);
  RC_ASSERT(best.has_value());
  Plan again;
  for (StepIndex step : best->order)
    again.prefix.push_back(
        {record.steps[step].choice, record.steps[step].chosen().operation, "", false});
  for (PlannedStep& step : again.prefix) step.operation.clear();
  const ExecutionRecord reordered = world.run(again);
  RC_ASSERT(trace_hash(reordered) == trace_hash(record));
  RC_ASSERT(preemptions(reordered) == best->preemptions);
  RC_ASSERT(best->preemptions <= preemptions(record));
}

TEST(Linearise, GivesUpOnTooManyCuts) {
  const Program program = independent(4, 5);
  ModelWorld world(program);
  EXPECT_FALSE(fewest_preemptions(world.run({}), 10));
}

}  // namespace
}  // namespace fb
