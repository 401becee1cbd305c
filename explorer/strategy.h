// What to run next, and what to learn from what was run. A strategy knows nothing of processes: it
// hands out plans and reads records.
//
// It hands them out in a fixed order, and learns in that order, whatever the number of executions
// that are under way at once: so counts and findings do not depend on it.
#pragma once
#include "core/sched/world.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fb {

class Strategy {
 public:
  virtual ~Strategy() = default;

  // An execution to be run once before all others, whose record the plans are made with.
  virtual std::optional<Plan> measurement() const { return std::nullopt; }
  virtual void measured(const ExecutionRecord& /*record*/) {}

  // Tickets of the next executions, at most `n`, in the order in which they are to be committed. A
  // ticket keeps its plan; after a commit new ones may come before those not yet committed. Empty:
  // nothing is left.
  virtual std::vector<uint64_t> upcoming(size_t n) = 0;
  virtual Plan plan(uint64_t ticket) const = 0;
  // The record of upcoming(1)'s ticket.
  virtual void commit(uint64_t ticket, const ExecutionRecord& record) = 0;

  // The bound of the strategy's own that left something out, if any ("preemptions").
  virtual std::optional<std::string> bound_hit() const { return std::nullopt; }
};

}  // namespace fb
