// Counts too large for every day: up to millions of traces, each run exactly once.
#include "core/sched/trace_hash.h"
#include "explorer/strategies/exhaustive.h"
#include "tests/support/model/model_world.h"
#include "tests/support/model/programs.h"

#include <gtest/gtest.h>
#include <ostream>
#include <unordered_set>

namespace fb {
namespace {

using namespace model;

struct Expected {
  std::string label;
  std::function<Program()> make;
  uint64_t traces;
};
void PrintTo(const Expected& expected, std::ostream* out) {
  *out << expected.label;
}

class SlowCounts : public testing::TestWithParam<Expected> {};

TEST_P(SlowCounts, OneExecutionPerTrace) {
  const Program program = GetParam().make();
  ModelWorld world(program);
  ExhaustiveOptions options;
  options.order = SearchTree::Order::kDepthFirst;
  ExhaustiveSearch search(options);
  uint64_t executions = 0, redundant = 0;
  std::unordered_set<uint64_t> traces;
  while (true) {
    const std::vector<uint64_t> tickets = search.upcoming(1);
    if (tickets.empty()) break;
    const ExecutionRecord record = world.run(search.plan(tickets[0]));
    ++executions;
    redundant += record.end == EndState::kRedundant;
    traces.insert(trace_hash(record).low);
    search.commit(tickets[0], record);
  }
  EXPECT_EQ(executions, GetParam().traces);
  EXPECT_EQ(traces.size(), GetParam().traces);
  EXPECT_EQ(redundant, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Published, SlowCounts,
    testing::Values(Expected{"writers 8", [] { return writers(8); }, 40'320},
                    Expected{"last zero 12", [] { return last_zero(12); }, 15'360},
                    Expected{"swap and write 5", [] { return swap_and_write(5); }, 32'880},
                    Expected{"indexer 15", [] { return indexer(15); }, 4'096},
                    Expected{"par_length 600", [] { return par_length(600); }, 4},
                    Expected{"fibonacci 5", [] { return fibonacci(5); }, 218'243},
                    Expected{"last zero 15", [] { return last_zero(15); }, 147'456},
                    Expected{"writers 9", [] { return writers(9); }, 362'880},
                    Expected{"big1",
                             [] {
                               return accesses({"xyzwxyzw", "xyzwxy", "XYXYXY", "ZWZWZW"});
                             },
                             1'820'474},
                    Expected{"big2",
                             [] {
                               return accesses({"xyzxy", "xyzx", "XYZXYZ", "XYZXYZ"});
                             },
                             5'284'890}));

}  // namespace
}  // namespace fb
