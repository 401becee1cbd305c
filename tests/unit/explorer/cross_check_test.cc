// All reductions against the brute-force oracle on random programs: the same traces, the same
// failures, the same outcomes.
#include "explorer/campaign.h"
#include "tests/support/model/model_world.h"
#include "tests/support/model/oracle.h"
#include "tests/support/model/random_program.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fb {
namespace {

using namespace model;

// Larger ones take too long to enumerate; they are skipped, not shrunk to.
bool is_small(const RandomProgram& source) {
  size_t steps = 0;
  for (const auto& process : source.processes) steps += process.size();
  return steps <= 11;
}

// A counter cannot say what kTake needs, for any post will do: whether it could have gone earlier
// is tried, at the price of an execution that may turn out redundant.
bool tells_its_needs(const RandomProgram& source) {
  for (const auto& process : source.processes)
    for (const RandomStep& step : process)
      if (step.call == Call::kTake) return false;
  return true;
}

CampaignResult explore(const Program& program, Reduction reduction, SearchTree::Order order) {
  ModelWorld world(program);
  CampaignOptions options;
  options.reduction = reduction;
  options.order = order;
  options.keep_going = true;
  return *run_campaign(options, world);
}

void agrees(const RandomProgram& source, Reduction reduction, SearchTree::Order order) {
  RC_PRE(is_small(source));
  const Program made = program(source);
  const OracleAnswer answer = ask_oracle(made);
  const CampaignResult result = explore(made, reduction, order);
  const ExplorationReport& report = result.report;
  RC_ASSERT(result.nondeterminism == std::vector<std::string>{});
  RC_ASSERT(report.exhausted);
  RC_ASSERT(report.traces == answer.traces);
  RC_ASSERT(report.outcomes.size() == answer.outcomes.size());
  RC_ASSERT((report.failures > 0) == (answer.bad_traces > 0));
  if (reduction == Reduction::kNone) {
    RC_ASSERT(static_cast<double>(report.executions) == answer.interleavings);
  } else if (reduction == Reduction::kOptimal && !tells_its_needs(source)) {
    RC_ASSERT(report.complete >= answer.traces);
  } else {
    RC_ASSERT(report.complete == answer.traces);
    RC_ASSERT(report.failures == answer.bad_traces);
    RC_ASSERT(report.deadlocks == answer.deadlocks);
  }
}

constexpr auto kBest = SearchTree::Order::kFewestPreemptions;
constexpr auto kDeep = SearchTree::Order::kDepthFirst;

RC_GTEST_PROP(CrossCheck, OptimalFindsEveryTraceOnce, ()) {
  agrees(*any_program(4, 4), Reduction::kOptimal, kBest);
}
// Where what a call touches does not depend on its result, nothing is ever run in vain.
RC_GTEST_PROP(CrossCheck, OptimalRunsNothingInVain, ()) {
  const RandomProgram source =
      *any_program(4, 4,
                   {Call::kRead, Call::kWrite, Call::kAppend, Call::kFetchAdd, Call::kStat,
                    Call::kLock, Call::kLockShared, Call::kUnlock, Call::kSend, Call::kReceive,
                    Call::kPrivate, Call::kChoose, Call::kJoin});
  RC_PRE(is_small(source));
  const ExplorationReport report =
      explore(program(source), Reduction::kOptimal, SearchTree::Order::kFewestPreemptions).report;
  RC_ASSERT(report.blocked == 0u);
  RC_ASSERT(report.executions == report.traces);
}
RC_GTEST_PROP(CrossCheck, OptimalFindsEveryTraceOnceDepthFirst, ()) {
  agrees(*any_program(4, 4), Reduction::kOptimal, kDeep);
}
RC_GTEST_PROP(CrossCheck, SourceFindsEveryTraceOnce, ()) {
  agrees(*any_program(4, 4), Reduction::kSource, kBest);
}
RC_GTEST_PROP(CrossCheck, SleepFindsEveryTraceOnce, ()) {
  agrees(*any_program(4, 4), Reduction::kSleep, kBest);
}
RC_GTEST_PROP(CrossCheck, NoneRunsEveryInterleaving, ()) {
  agrees(*any_program(3, 3), Reduction::kNone, kDeep);
}

}  // namespace
}  // namespace fb
