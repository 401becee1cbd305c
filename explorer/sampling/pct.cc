#include "explorer/sampling/pct.h"

#include "explorer/sampling/outcomes.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace fb {

ProbabilisticConcurrencyTesting::ProbabilisticConcurrencyTesting(uint64_t seed, uint32_t depth,
                                                                 uint64_t decisions)
    : rng_(seed), lowest_(depth) {
  const uint64_t changes = std::min<uint64_t>(depth - 1, decisions);
  while (change_points_.size() < changes) change_points_.insert(rng_.below(decisions));
}

ActorId ProbabilisticConcurrencyTesting::highest(std::span<const ActorId> actors) const {
  return *std::max_element(actors.begin(), actors.end(), [this](ActorId a, ActorId b) {
    return priority_.at(a) < priority_.at(b);
  });
}

Choice ProbabilisticConcurrencyTesting::pick(const DecisionPoint& point,
                                             std::span<const Choice> awake) {
  for (const Candidate& candidate : point.candidates)
    if (!priority_.contains(candidate.actor))
      priority_[candidate.actor] = rng_.next() | uint64_t{1} << 63;
  const std::vector<ActorId> actors = actors_of(awake);
  if (change_points_.contains(decision_)) priority_[highest(actors)] = --lowest_;
  return random_outcome(rng_, awake, highest(actors));
}

void ProbabilisticConcurrencyTesting::chosen(const DecisionPoint& /*point*/, Choice /*choice*/) {
  ++decision_;
}

std::optional<uint32_t> pct_depth(std::string_view text) {
  if (!text.starts_with("pct:")) return std::nullopt;
  text.remove_prefix(4);
  uint32_t depth = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), depth);
  if (error != std::errc{} || end != text.data() + text.size() || depth < 1 || depth > 100)
    return std::nullopt;
  return depth;
}

double pct_miss_bound(uint64_t actors, uint64_t decisions, uint32_t depth, uint64_t executions) {
  if (actors == 0) return 0;
  const double hit =
      1.0 / (static_cast<double>(actors) * std::pow(static_cast<double>(decisions), depth - 1));
  return std::pow(1.0 - std::min(hit, 1.0), static_cast<double>(executions));
}

}  // namespace fb
