// Everything that takes at most so many preemptions: the traces of all schedules within the bound,
// those with fewest preemptions first.
//
// The reductions of exhaustive.h do not fit a bound: the one order they keep of a trace may need
// more preemptions than another, and so may the orders they reach others from. So this search goes
// through the schedules themselves, and leaves out what leads to a beginning of a trace (with the
// same actor last, for the price of the next step depends on it) that was reached as cheaply
// before.
//
// M. Musuvathi, S. Qadeer, Iterative Context Bounding for Systematic Testing of Multithreaded
// Programs, PLDI 2007; CHESS remembers happens-before signatures in the same way.
#pragma once
#include "core/sched/trace_hash.h"
#include "explorer/strategy.h"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace fb {

class BoundedSearch final : public Strategy {
 public:
  // `base`: seed and limits of every plan.
  BoundedSearch(uint32_t preemptions_max, Plan base);

  std::vector<uint64_t> upcoming(size_t n) override;
  Plan plan(uint64_t ticket) const override;
  void commit(uint64_t ticket, const ExecutionRecord& record) override;
  std::optional<std::string> bound_hit() const override;

 private:
  // The choices up to a branch, shared between branches.
  struct Path {
    std::shared_ptr<const Path> before;
    PlannedStep step;
  };
  // Where a schedule stands: what has run in which order, and who went last.
  struct Place {
    Hash128 beginning;
    ActorId last;
    auto operator<=>(const Place&) const = default;
  };
  struct Branch {
    std::shared_ptr<const Path> path;
    uint64_t depth = 0;
    uint32_t preemptions = 0;
    Place place;
  };

  bool is_cheaper(const Place& place, uint32_t preemptions);
  void forget_overtaken();
  void plan_branch(Branch branch);

  uint32_t preemptions_max_;
  Plan base_;
  bool cut_ = false;
  uint64_t next_ticket_ = 1;
  std::map<uint64_t, Branch> branches_;
  std::set<std::pair<uint32_t, uint64_t>> pending_;  // by preemptions, then as they were found
  std::map<Place, uint32_t> cheapest_;
};

}  // namespace fb
