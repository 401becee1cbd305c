#include "explorer/sampling/pos.h"

#include "explorer/sampling/outcomes.h"

#include <algorithm>

namespace fb {

Choice PartialOrderSampling::pick(const DecisionPoint& point, std::span<const Choice> awake) {
  for (const Candidate& candidate : point.candidates)
    if (!priority_.contains(candidate.actor)) priority_[candidate.actor] = rng_.next();
  const std::vector<ActorId> actors = actors_of(awake);
  const ActorId first =
      *std::max_element(actors.begin(), actors.end(),
                        [this](ActorId a, ActorId b) { return priority_.at(a) < priority_.at(b); });
  return random_outcome(rng_, awake, first);
}

void PartialOrderSampling::chosen(const DecisionPoint& point, Choice choice) {
  const auto ran = std::find_if(point.candidates.begin(), point.candidates.end(),
                                [&](const Candidate& c) { return c.actor == choice.actor; });
  const Footprint& touches = ran->footprint_of(choice.outcome);
  for (const Candidate& candidate : point.candidates)
    if (candidate.actor == choice.actor || dependent(candidate.footprint, touches))
      priority_.erase(candidate.actor);
}

}  // namespace fb
