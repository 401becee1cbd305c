#include "core/sched/decision_point.h"

namespace fb {

std::optional<Choice> DefaultChooser::choose(const DecisionPoint& point) {
  const Candidate* lowest = nullptr;
  for (const Candidate& candidate : point.candidates) {
    if (!candidate.enabled) continue;
    if (point.last && candidate.actor == *point.last) return Choice{candidate.actor, 0};
    if (lowest == nullptr) lowest = &candidate;
  }
  if (lowest == nullptr) return std::nullopt;
  return Choice{lowest->actor, 0};
}

}  // namespace fb
