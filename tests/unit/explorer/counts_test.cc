// Exact counts: what every reduction must show on programs whose number of traces is known in
// closed form or published. An explorer that loses a trace, or runs one twice, fails here.
#include "explorer/campaign.h"
#include "tests/support/model/model_world.h"
#include "tests/support/model/oracle.h"
#include "tests/support/model/programs.h"

#include <gtest/gtest.h>
#include <ostream>

namespace fb {
namespace {

using namespace model;

struct Expected {
  std::string label;
  std::function<Program()> make;
  uint64_t traces;
  uint64_t failures = 0;
  uint64_t deadlocks = 0;
  std::optional<uint64_t> outcomes = {};
};

void PrintTo(const Expected& expected, std::ostream* out) {
  *out << expected.label;
}

std::vector<Expected> small() {
  return {
      {"independent 4x3", [] { return independent(4, 3); }, 1},
      {"writers 5", [] { return writers(5); }, 120},
      {"writers 6", [] { return writers(6); }, 720},
      {"writers and reader 5", [] { return writers_and_reader(5); }, 720},
      {"readers 2", [] { return readers(2); }, 4},
      {"readers 8", [] { return readers(8); }, 256},
      {"append 5", [] { return appends(5, 1); }, 120},
      {"append2 2", [] { return appends(2, 2); }, 4},
      {"append2 3", [] { return appends(3, 2); }, 36},
      {"append2 4", [] { return appends(4, 2); }, 576},
      {"append3 2", [] { return appends(2, 3); }, 8},
      {"append3 3", [] { return appends(3, 3); }, 216},
      {"lost update 2", [] { return lost_update(2); }, 4, 2, 0, 3},
      {"lost update 3", [] { return lost_update(3); }, 36, 30, 0, 16},
      {"lost update 4", [] { return lost_update(4); }, 576, 552, 0, 109},
      {"locked increments 2", [] { return locked_increments(2); }, 2},
      {"locked increments 4", [] { return locked_increments(4); }, 24},
      {"locked increments 5", [] { return locked_increments(5); }, 120},
      {"creators 5", [] { return creators(5); }, 5},
      {"chain 2", [] { return compare_and_swap_chain(2); }, 2},
      {"chain 3", [] { return compare_and_swap_chain(3); }, 5},
      {"chain 4", [] { return compare_and_swap_chain(4); }, 14},
      {"chain 5", [] { return compare_and_swap_chain(5); }, 43},
      {"chain 6", [] { return compare_and_swap_chain(6); }, 144},
      {"writer and swaps 2", [] { return writer_and_swaps(2); }, 5},
      {"writer and swaps 5", [] { return writer_and_swaps(5); }, 81},
      {"writer and swaps 7", [] { return writer_and_swaps(7); }, 449},
      {"writer and increments 4", [] { return writer_and_increments(4); }, 120},
      {"last zero 3", [] { return last_zero(3); }, 12},
      {"last zero 5", [] { return last_zero(5); }, 64},
      {"par_length 3", [] { return par_length(3); }, 4},
      {"sdpor_blowup 3", [] { return sdpor_blowup(3); }, 6},
      {"sdpor_blowup 5", [] { return sdpor_blowup(5); }, 10},
      {"popl14", [] { return popl14(); }, 5},
      {"philosophers 2", [] { return philosophers(2); }, 3, 1, 1},
      {"philosophers 3", [] { return philosophers(3); }, 7, 1, 1},
      {"philosophers 5", [] { return philosophers(5); }, 31, 1, 1},
      {"ordered philosophers 4", [] { return ordered_philosophers(4); }, 14},
      {"pipe 1-1", [] { return one_to_one_pipe(6); }, 1},
      {"pipe 2x3-1", [] { return many_to_one_pipe(2, 3); }, 20},
      {"pipe 3x2-1", [] { return many_to_one_pipe(3, 2); }, 90},
      {"pipe 1-2x3", [] { return one_to_many_pipe(2, 3); }, 20},
      {"pipe 2x2-2x2", [] { return many_to_many_pipe(2, 2, 2, 2); }, 36},
      {"poller 3 3", [] { return poller(3, 3); }, 20},
      {"poller 5 5", [] { return poller(5, 5); }, 252},
      {"reorder 2", [] { return reorder(2); }, 4, 2},
      {"reorder 3", [] { return reorder(3); }, 36, 16},
      {"reorder 4", [] { return reorder(4); }, 576, 216},
      {"two stage 2", [] { return two_stage(2); }, 3, 1},
      {"two stage 3", [] { return two_stage(3); }, 40, 10},
      {"deadlock01", [] { return deadlock01(); }, 3, 1, 1},
      {"lazy01", [] { return lazy01(); }, 6, 2},
      {"token ring", [] { return token_ring(); }, 48, 26, 0, 14},
      {"wronglock", [] { return wronglock(); }, 12, 6},
      {"bluetooth", [] { return bluetooth(); }, 7, 1},
      {"check then create", [] { return check_then_create(2); }, 4, 2},
      {"swap and write 2", [] { return swap_and_write(2); }, 6},
      {"swap and write 3", [] { return swap_and_write(3); }, 66},
      {"swap and write 4", [] { return swap_and_write(4); }, 1200},
      {"data choices 2 of 3", [] { return data_choices(2, 3); }, 18},
      {"data choices 3 of 2", [] { return data_choices(3, 2); }, 48},
      {"faulty writes 2", [] { return faulty_writes(2); }, 8},
      {"faulty writes 3", [] { return faulty_writes(3); }, 26},
      {"deep 12", [] { return deep(12); }, 924},
  };
}

std::vector<Expected> medium() {
  return {
      {"independent 5x4", [] { return independent(5, 4); }, 1},
      {"writers 7", [] { return writers(7); }, 5040},
      {"readers 13", [] { return readers(13); }, 8192},
      {"chain 8", [] { return compare_and_swap_chain(8); }, 2048},
      {"last zero 7", [] { return last_zero(7); }, 320},
      {"last zero 10", [] { return last_zero(10); }, 3328},
      {"indexer 11", [] { return indexer(11); }, 1},
      {"indexer 12", [] { return indexer(12); }, 8},
      {"indexer 13", [] { return indexer(13); }, 64},
      {"filesystem 13", [] { return filesystem(13); }, 1},
      {"filesystem 16", [] { return filesystem(16); }, 8},
      {"filesystem 19", [] { return filesystem(19); }, 64},
      {"par_length 400", [] { return par_length(400); }, 4},
      {"sdpor_blowup 8", [] { return sdpor_blowup(8); }, 16},
      {"reorder 5", [] { return reorder(5); }, 14400, 4608},
      {"two stage 4", [] { return two_stage(4); }, 1080, 198},
      {"append3 4", [] { return appends(4, 3); }, 13824},
  };
}

class Counts : public testing::TestWithParam<Expected> {
 protected:
  static ExplorationReport explore(const Program& program, Reduction reduction) {
    ModelWorld world(program);
    CampaignOptions options;
    options.reduction = reduction;
    options.keep_going = true;
    Result<CampaignResult> result = run_campaign(options, world);
    EXPECT_TRUE(result.ok());
    for (const std::string& difference : result->nondeterminism) ADD_FAILURE() << difference;
    return result->report;
  }

  static void expect(const Expected& expected, const ExplorationReport& report) {
    EXPECT_TRUE(report.exhausted);
    EXPECT_EQ(report.traces, expected.traces);
    EXPECT_EQ(report.deadlocks, expected.deadlocks);
    if (expected.outcomes) {
      EXPECT_EQ(report.outcomes.size(), *expected.outcomes);
    }
  }
};

class OptimalCounts : public Counts {};

TEST_P(OptimalCounts, OneExecutionPerTrace) {
  const ExplorationReport report = explore(GetParam().make(), Reduction::kOptimal);
  expect(GetParam(), report);
  EXPECT_EQ(report.executions, GetParam().traces);
  EXPECT_EQ(report.blocked, 0u);
  EXPECT_EQ(report.failures, GetParam().failures);
}

INSTANTIATE_TEST_SUITE_P(Small, OptimalCounts, testing::ValuesIn(small()));
INSTANTIATE_TEST_SUITE_P(Medium, OptimalCounts, testing::ValuesIn(medium()));

class SleepCounts : public Counts {};

TEST_P(SleepCounts, OneCompleteExecutionPerTrace) {
  const ExplorationReport report = explore(GetParam().make(), Reduction::kSleep);
  expect(GetParam(), report);
  EXPECT_EQ(report.complete, GetParam().traces);
  EXPECT_EQ(report.failures, GetParam().failures);
}

INSTANTIATE_TEST_SUITE_P(Small, SleepCounts, testing::ValuesIn(small()));

class SourceCounts : public Counts {};

TEST_P(SourceCounts, OneCompleteExecutionPerTrace) {
  const ExplorationReport report = explore(GetParam().make(), Reduction::kSource);
  expect(GetParam(), report);
  EXPECT_EQ(report.complete, GetParam().traces);
  EXPECT_EQ(report.failures, GetParam().failures);
}

INSTANTIATE_TEST_SUITE_P(Small, SourceCounts, testing::ValuesIn(small()));

class OracleCounts : public Counts {};

// The oracle itself is held against the closed forms.
TEST_P(OracleCounts, AreTheClosedForms) {
  const OracleAnswer answer = ask_oracle(GetParam().make());
  EXPECT_EQ(answer.traces, GetParam().traces);
  EXPECT_EQ(answer.bad_traces, GetParam().failures);
  EXPECT_EQ(answer.deadlocks, GetParam().deadlocks);
}

INSTANTIATE_TEST_SUITE_P(Small, OracleCounts, testing::ValuesIn(small()));

}  // namespace
}  // namespace fb
