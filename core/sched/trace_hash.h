// A name for what an execution did, whatever the order of its independent steps: xxh3-128 over the
// canonical form of its happens-before relation. Two records have equal hashes iff (up to collision
// of 128 bits) one is the other with independent neighbours swapped. Stable across machines and
// runs.
//
// Canonical form: every step is hashed with what it is (actor, operation, key, outcome, accesses)
// and with the hashes of all earlier steps of its actor and of those it depends on; the
// trace's hash is that of each actor's last step, in the order of actors, and of what stayed
// parked.
#pragma once
#include "core/sched/execution_record.h"

#include <compare>
#include <cstdint>
#include <string>

namespace fb {

struct Hash128 {
  uint64_t high = 0, low = 0;
  auto operator<=>(const Hash128&) const = default;
  std::string text() const;  // 32 hexadecimal digits
};

Hash128 trace_hash(const ExecutionRecord& record);

}  // namespace fb
