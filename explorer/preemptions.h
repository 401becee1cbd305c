// How often an execution took the turn from an actor that could have gone on. The size of a
// counterexample, and the order of the search.
#pragma once
#include "core/sched/execution_record.h"

#include <cstdint>

namespace fb {

uint64_t preemptions(const ExecutionRecord& record);
// Changes of actor, preemptive or not.
uint64_t context_switches(const ExecutionRecord& record);

}  // namespace fb
