// Why an execution fails: the pair of operations whose order decides it, the last decision that
// could still have been taken otherwise, and the passing execution that differs latest. Nothing is
// guessed: each is found by running what else could have happened, as far as the budget goes.
#pragma once
#include "core/run/test_result.h"
#include "core/sched/world.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fb {

struct ExplainOptions {
  uint64_t executions_max = 500;
  std::function<bool()> out_of_time;  // asked before every execution
};

struct Explanation {
  // Operations on objects that were raced for, or that took another outcome than the first.
  uint64_t relevant = 0;
  std::vector<RacingAccess> race;
  // Their steps; past the last step: parked at the end.
  std::vector<size_t> race_steps;
  // Index of the decision after which everything fails. Empty: not proved.
  std::optional<uint64_t> critical;
  std::string critical_decision;           // a line for people
  std::optional<ExecutionRecord> passing;  // shares the longest beginning with the failing one
  std::string first_difference;            // between the two, a line for people
};

// `plan`: what `failing` was run with (seed and limits).
Explanation explain(World& world, const Plan& plan, const ExecutionRecord& failing,
                    const ExplainOptions& options);

}  // namespace fb
