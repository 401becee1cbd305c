// Probabilistic concurrency testing: actors have random priorities, the highest that is enabled
// runs, and at depth - 1 random decisions the running one becomes the lowest of all. A bug that
// needs `depth` ordering constraints is found with probability at least 1 / (n k^(depth-1)), for n
// actors and k decisions.
// S. Burckhardt et al., A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs,
// ASPLOS 2010.
#pragma once
#include "core/base/draw.h"
#include "explorer/policy.h"

#include <map>
#include <optional>
#include <set>
#include <string_view>

namespace fb {

class ProbabilisticConcurrencyTesting final : public Policy {
 public:
  // `decisions`: how many to expect (the profile's).
  ProbabilisticConcurrencyTesting(uint64_t seed, uint32_t depth, uint64_t decisions);
  Choice pick(const DecisionPoint& point, std::span<const Choice> awake) override;
  void chosen(const DecisionPoint& point, Choice choice) override;

 private:
  ActorId highest(std::span<const ActorId> actors) const;

  Rng rng_;
  std::set<uint64_t> change_points_;  // decisions, from 0
  std::map<ActorId, uint64_t> priority_;
  uint64_t decision_ = 0;
  uint64_t lowest_;  // all priorities drawn at random are above
};

// The D of "pct:D", from 1 to 100. Empty: not of this form.
std::optional<uint32_t> pct_depth(std::string_view text);

// Upper bound of the probability that `executions` clean executions missed a bug of that depth.
double pct_miss_bound(uint64_t actors, uint64_t decisions, uint32_t depth, uint64_t executions);

}  // namespace fb
