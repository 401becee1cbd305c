// The order of one trace that is easiest to read: of all ways to run the same steps with the same
// happens-before relation, one with the fewest preemptions. What is blocked in between is told from
// what the steps need, take and provide, so an execution of the order may turn out to have others;
// run it to be sure.
#pragma once
#include "explorer/dpor/happens_before.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace fb {

struct Linearisation {
  std::vector<StepIndex> order;  // of the record's steps
  uint64_t preemptions = 0;
};

// Empty: there are more than `states_max` cuts through the trace, too many to look at.
std::optional<Linearisation> fewest_preemptions(const ExecutionRecord& record,
                                                size_t states_max = 200'000);

}  // namespace fb
