// Who keeps whom from going on, told from what operations need, take and provide.
#pragma once
#include "core/model/footprint.h"
#include "core/sched/execution_record.h"

#include <span>
#include <string>

namespace fb {

// `earlier` made available what `later` needs.
bool provides_for(const Footprint& earlier, const Footprint& later);
// `earlier` took what `later` needs, a lock for instance, and did not also provide it.
bool takes_from(const Footprint& earlier, const Footprint& later);

// Their order matters: they are dependent, or one provides what the other needs.
bool ordered(const Footprint& a, const Footprint& b);

// It waits for a lock, which no passing of time can give it.
bool waits_for_lock(const Candidate& candidate);
// Some of `pending` wait for locks in a circle.
bool has_lock_cycle(std::span<const ExecutedStep> steps, std::span<const Candidate> pending);

// Why nothing goes on after `steps`: for every blocked operation in `pending` one who holds what it
// waits for, or that nobody is left who could provide it. Names the wait cycle if there is one:
//   wait cycle: a at flock /x (held by b since decision 3) -> b at flock /y (held by a since
//   decision 0) -> a; also blocked: c at read pipe:[1] (nobody is left to provide it)
std::string describe_deadlock(std::span<const ExecutedStep> steps,
                              std::span<const Candidate> pending,
                              std::span<const std::string> services);

}  // namespace fb
