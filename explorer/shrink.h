// Makes a failing execution easier to read: the same failure with fewer preemptions, then fewer
// changes of actor, then fewer faults and branches, then fewer operations. The same failure: it
// ends in the same way and what failed is the same (ExecutionRecord::failure). Every candidate is
// run; what it returns has been seen to fail.
#pragma once
#include "core/sched/world.h"

#include <cstdint>
#include <functional>

namespace fb {

struct ShrinkOptions {
  uint64_t executions_max = 1000;
  // Asked before every execution; true ends the search for something better.
  std::function<bool()> out_of_time;
};

struct ExecutionSize {
  uint64_t preemptions = 0, context_switches = 0, faults = 0, operations = 0;
  auto operator<=>(const ExecutionSize&) const = default;
};
ExecutionSize size_of(const ExecutionRecord& record);

// `plan`: what `failing` was run with (seed and limits; its prefix and sleepers do not matter).
ExecutionRecord shrink(World& world, const Plan& plan, const ExecutionRecord& failing,
                       const ShrinkOptions& options);

}  // namespace fb
