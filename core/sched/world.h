// Where executions happen: real services (cli) or model programs (tests). The campaign knows only
// this.
#pragma once
#include "core/sched/execution_record.h"

#include <cstdint>
#include <string>
#include <vector>

namespace fb {

// One choice of a schedule with what is expected there, so that a mismatch is seen and named.
struct PlannedStep {
  Choice choice;
  std::string operation;  // empty: do not check
  std::string key;
  // Cannot be told to be possible before it is tried: where it is not, the plan's prefix ends here
  // instead of diverging.
  bool tentative = false;
  auto operator<=>(const PlannedStep&) const = default;
};

// A choice that was explored from the state just before decision `from`: to be kept away from until
// something it depends on has run.
struct Asleep {
  Choice choice;
  uint64_t from = 0;  // at most the length of the prefix
  auto operator<=>(const Asleep&) const = default;
};

// How an execution is to choose: follow `prefix` strictly; then keep away from what is asleep (it
// wakes when a dependent operation runs); among the rest ask `policy`.
struct Plan {
  uint64_t seed = 0;  // of the spec's draws (spec §14)
  std::vector<PlannedStep> prefix;
  std::vector<Asleep> sleep;       // sorted by `from`
  std::string policy = "default";  // "default", or a sampler: "rw", "pct:3", "pos", "surw", …
  uint64_t policy_seed = 0;
  std::string policy_data;  // what a sampler learned before (profile); opaque here
  uint64_t max_steps = 100'000;
  bool anchored = false;  // skip or insert independent operations instead of diverging
  // It will be shown: fill ExecutionRecord::result even when the test passes, and the steps'
  // values.
  bool want_result = true;

  bool operator==(const Plan&) const = default;
};

class World {
 public:
  virtual ~World() = default;
  // How many executions may be under way at once.
  virtual int capacity() const = 0;
  virtual void start(uint64_t ticket, const Plan& plan) = 0;
  struct Finished {
    uint64_t ticket = 0;
    ExecutionRecord record;
  };
  // Waits for any started execution. One must be under way.
  virtual Finished await_any() = 0;
};

}  // namespace fb
