// How many traces can be reached with at most so many preemptions: known counts, and the oracle's.
#include "explorer/strategies/bounded.h"

#include "explorer/campaign.h"
#include "tests/support/model/model_world.h"
#include "tests/support/model/programs.h"
#include "tests/support/model/random_program.h"

#include <gtest/gtest.h>
#include <map>
#include <ostream>
#include <rapidcheck/gtest.h>

namespace fb {
namespace {

using namespace model;

ExplorationReport explore(const Program& program, uint32_t preemptions, Reduction reduction,
                          int capacity = 1) {
  ModelWorld world(program, capacity);
  CampaignOptions options;
  options.keep_going = true;
  options.reduction = reduction;
  options.preemptions_max = preemptions;
  return run_campaign(options, world)->report;
}

struct Cumulative {
  std::string label;
  std::function<Program()> make;
  std::vector<uint64_t> traces;  // with at most 0, 1, … preemptions
};
void PrintTo(const Cumulative& cumulative, std::ostream* out) {
  *out << cumulative.label;
}

class PreemptionBound : public testing::TestWithParam<Cumulative> {};

TEST_P(PreemptionBound, ReachesSoManyTraces) {
  const std::vector<uint64_t>& traces = GetParam().traces;
  for (uint32_t bound = 0; bound < traces.size(); ++bound) {
    const ExplorationReport report = explore(GetParam().make(), bound, Reduction::kOptimal);
    EXPECT_EQ(report.traces, traces[bound]) << "at most " << bound << " preemptions";
    if (bound + 1 < traces.size() && traces[bound] < traces[bound + 1]) {
      EXPECT_EQ(report.budget, "preemptions");
      EXPECT_FALSE(report.exhausted);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Known, PreemptionBound,
    testing::Values(
        Cumulative{"append2 2", [] { return appends(2, 2); }, {2, 4}},
        Cumulative{"append2 3", [] { return appends(3, 2); }, {6, 24, 36}},
        Cumulative{"append2 4", [] { return appends(4, 2); }, {24, 168, 432, 576}},
        Cumulative{"append3 3", [] { return appends(3, 3); }, {6, 42, 120, 192, 216}},
        Cumulative{"pipe 2x3-1", [] { return many_to_one_pipe(2, 3); }, {2, 6, 14, 18, 20}},
        Cumulative{"pipe 3x2-1", [] { return many_to_one_pipe(3, 2); }, {6, 24, 60, 90}},
        Cumulative{"poller 3 3", [] { return poller(3, 3); }, {2, 6, 14, 18, 20}},
        Cumulative{
            "poller 5 5", [] { return poller(5, 5); }, {2, 10, 42, 90, 162, 210, 242, 250, 252}},
        Cumulative{"philosophers 3", [] { return philosophers(3); }, {6, 7}},
        Cumulative{"philosophers 4", [] { return philosophers(4); }, {14, 15}},
        Cumulative{"two stage 3", [] { return two_stage(3); }, {6, 30, 40}},
        Cumulative{"token ring", [] { return token_ring(); }, {24, 46, 48}}));

// By brute force: every schedule within the bound.
RC_GTEST_PROP(PreemptionBound, FindsWhatPlainEnumerationFinds, ()) {
  const RandomProgram source = *any_program(3, 4);
  size_t steps = 0;
  for (const auto& process : source.processes) steps += process.size();
  RC_PRE(steps <= 9);
  const Program made = program(source);
  const auto bound = static_cast<uint32_t>(*rc::gen::inRange(0, 4));
  const ExplorationReport bounded = explore(made, bound, Reduction::kOptimal);
  const ExplorationReport plain = explore(made, bound, Reduction::kNone);
  RC_ASSERT(bounded.traces == plain.traces);
  RC_ASSERT(bounded.outcomes.size() == plain.outcomes.size());
  RC_ASSERT((bounded.failures > 0) == (plain.failures > 0));
  RC_ASSERT(bounded.executions <= plain.executions);
}

TEST(PreemptionBound, IsNoBoundWhereNothingIsLeftOut) {
  const ExplorationReport report = explore(lost_update(2), 5, Reduction::kOptimal);
  EXPECT_TRUE(report.exhausted);
  EXPECT_EQ(report.traces, 4u);
  EXPECT_FALSE(report.budget);
}

TEST(PreemptionBound, FindsTheSameWhateverTheNumberOfJobs) {
  const ExplorationReport one = explore(two_stage(3), 1, Reduction::kOptimal);
  EXPECT_EQ(explore(two_stage(3), 1, Reduction::kOptimal, 5), one);
}

TEST(PreemptionBound, TakesFewStepsWhereOrderHardlyMatters) {
  EXPECT_LE(explore(independent(5, 20), 0, Reduction::kOptimal).executions, 100u);
}

}  // namespace
}  // namespace fb
