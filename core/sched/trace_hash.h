// A name for what an execution did, whatever the order of its independent steps: xxh3-128 over the
// canonical form of its happens-before relation. Two records have equal hashes iff (up to collision
// of 128 bits) one is the other with independent neighbours swapped. Stable across machines and
// runs.
//
// Canonical form: every step is hashed with what it is (actor, operation, key, outcome, accesses)
// and with the hashes of its actor's step before and of the earlier steps it is ordered after; the
// trace's hash is that of each actor's last step, in the order of actors, and of what stayed
// parked.
#pragma once
#include "core/sched/conflict_index.h"
#include "core/sched/execution_record.h"
#include "core/sched/hash128.h"

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fb {

Hash128 trace_hash(const ExecutionRecord& record);

// The same, step by step: names for the beginnings of a trace.
class TraceHasher {
 public:
  void add(const ExecutedStep& step);
  // A name for the steps so far: equal for two beginnings iff one is the other with independent
  // neighbours swapped.
  Hash128 beginning() const { return beginning_; }
  // What beginning() would be if this operation ran next and touched that.
  Hash128 beginning_with(const Candidate& chosen, uint32_t outcome, const Footprint& touched) const;
  const std::map<ActorId, Hash128>& last_of_actors() const { return last_; }

 private:
  Hash128 name_of(const Candidate& chosen, uint32_t outcome, const Footprint& touched) const;

  ConflictIndex index_;
  std::vector<Hash128> names_;  // by step
  std::map<ActorId, Hash128> last_;
  std::map<ActorId, size_t> numbers_;  // of actors, in the order of their first steps
  Hash128 beginning_;
};

}  // namespace fb
