// Partial order sampling: every pending operation has a random priority and the highest goes next;
// what races with it draws anew. Orders of racing operations come out far more evenly than in a
// random walk, without parameters.
// X. Yuan, J. Yang, R. Gu, Partial Order Aware Concurrency Sampling, CAV 2018.
#pragma once
#include "core/base/draw.h"
#include "explorer/policy.h"

#include <map>

namespace fb {

class PartialOrderSampling final : public Policy {
 public:
  explicit PartialOrderSampling(uint64_t seed) : rng_(seed) {}
  Choice pick(const DecisionPoint& point, std::span<const Choice> awake) override;
  void chosen(const DecisionPoint& point, Choice choice) override;

 private:
  Rng rng_;
  std::map<ActorId, uint64_t> priority_;  // of its pending operation
};

}  // namespace fb
