// Random walk: at every decision each enabled actor is equally likely, then each of its outcomes.
// No guarantee, no parameters; its exact hit probabilities are the yardstick of the others.
#pragma once
#include "core/base/draw.h"
#include "explorer/policy.h"

namespace fb {

class RandomWalk final : public Policy {
 public:
  explicit RandomWalk(uint64_t seed) : rng_(seed) {}
  Choice pick(const DecisionPoint& point, std::span<const Choice> awake) override;

 private:
  Rng rng_;
};

}  // namespace fb
