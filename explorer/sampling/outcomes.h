// What the samplers share: they order actors; which outcome an operation takes is a fair draw.
#pragma once
#include "core/base/draw.h"
#include "core/sched/decision_point.h"

#include <span>
#include <vector>

namespace fb {

// The actors of sorted choices, each once, in order.
std::vector<ActorId> actors_of(std::span<const Choice> choices);
// One of the choices of `actor`, of which there is one at least.
Choice random_outcome(Rng& rng, std::span<const Choice> choices, ActorId actor);

}  // namespace fb
