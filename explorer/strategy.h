// What to run next, and what to learn from what was run. A strategy knows nothing of processes: it
// hands out plans and reads records.
//
// It hands them out in a fixed order, and learns in that order, whatever the number of executions
// that are under way at once: so counts and findings do not depend on it.
#pragma once
#include "core/base/result.h"
#include "core/sched/world.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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

  // Whether the execution is this search's, or one that another part of it has too.
  virtual bool counts(uint64_t /*ticket*/, const ExecutionRecord& /*record*/) const { return true; }

  // The bound of the strategy's own that left something out, if any ("preemptions").
  virtual std::optional<std::string> bound_hit() const { return std::nullopt; }

  // How much is still to be run, from 0 to 1, as far as that can be guessed.
  virtual std::optional<double> open_share() const { return std::nullopt; }

  // All it has learned, so that one made in the same way can go on from here: what load() is given.
  // Empty: this strategy cannot.
  virtual std::optional<std::string> save() const { return std::nullopt; }
  virtual Status load(std::string_view /*saved*/) {
    return invalid("this kind of search cannot be continued");
  }
};

}  // namespace fb
