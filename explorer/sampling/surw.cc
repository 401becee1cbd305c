#include "explorer/sampling/surw.h"

#include "explorer/sampling/outcomes.h"

#include <algorithm>

namespace fb {

SelectivelyUniform::SelectivelyUniform(uint64_t seed, const Profile& profile) : rng_(seed) {
  const std::vector<ObjectKey> objects = profile.contended();
  if (objects.empty()) return;
  object_ = objects[rng_.below(objects.size())];
  for (const auto& [actor, touches] : profile.touches)
    if (const auto found = touches.find(*object_); found != touches.end())
      remaining_[actor] = found->second;
}

bool SelectivelyUniform::interesting(const Candidate& candidate) const {
  return object_ &&
         std::any_of(candidate.footprint.accesses.begin(), candidate.footprint.accesses.end(),
                     [this](const Access& a) { return a.object == *object_; });
}

// Proportionally to what each still has to do there: so that every interleaving of the rest is
// equally likely.
void SelectivelyUniform::draw_turn() {
  uint64_t sum = 0;
  for (const auto& [actor, count] : remaining_) sum += count;
  turn_.reset();
  if (sum == 0) return;
  uint64_t at = rng_.below(sum);
  for (const auto& [actor, count] : remaining_) {
    if (at < count) {
      turn_ = actor;
      return;
    }
    at -= count;
  }
}

Choice SelectivelyUniform::pick(const DecisionPoint& point, std::span<const Choice> awake) {
  for (const Candidate& candidate : point.candidates)
    if (!priority_.contains(candidate.actor)) priority_[candidate.actor] = rng_.next();
  if (!turn_) draw_turn();
  const std::vector<ActorId> actors = actors_of(awake);
  std::vector<ActorId> free, held;
  for (ActorId actor : actors) {
    const auto candidate = std::find_if(point.candidates.begin(), point.candidates.end(),
                                        [&](const Candidate& c) { return c.actor == actor; });
    (interesting(*candidate) && turn_ && actor != *turn_ ? held : free).push_back(actor);
  }
  if (free.empty()) {
    // Whose turn it is cannot go, or the profile was wrong: one of those who wait.
    turn_.reset();
    std::map<ActorId, uint64_t> all = std::move(remaining_);
    remaining_.clear();
    for (ActorId actor : held) {
      const auto known = all.find(actor);
      remaining_[actor] = known == all.end() ? 1 : std::max<uint64_t>(known->second, 1);
    }
    draw_turn();
    remaining_ = std::move(all);
    free = {turn_.value_or(held.front())};
  }
  const ActorId first = *std::max_element(free.begin(), free.end(), [this](ActorId a, ActorId b) {
    return priority_.at(a) < priority_.at(b);
  });
  return random_outcome(rng_, awake, first);
}

void SelectivelyUniform::chosen(const DecisionPoint& point, Choice choice) {
  const auto ran = std::find_if(point.candidates.begin(), point.candidates.end(),
                                [&](const Candidate& c) { return c.actor == choice.actor; });
  priority_.erase(choice.actor);
  if (!interesting(*ran)) return;
  if (uint64_t& left = remaining_[choice.actor]; left > 0) --left;
  turn_.reset();
}

}  // namespace fb
