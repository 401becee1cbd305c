#include "explorer/sampling/random_walk.h"

#include "explorer/sampling/outcomes.h"

namespace fb {

Choice RandomWalk::pick(const DecisionPoint& /*point*/, std::span<const Choice> awake) {
  const std::vector<ActorId> actors = actors_of(awake);
  return random_outcome(rng_, awake, actors[rng_.below(actors.size())]);
}

}  // namespace fb
