#include "explorer/preemptions.h"

#include <algorithm>

namespace fb {

uint64_t preemptions(const ExecutionRecord& record) {
  uint64_t count = 0;
  for (size_t i = 1; i < record.steps.size(); ++i) {
    const ActorId before = record.steps[i - 1].choice.actor;
    const ExecutedStep& step = record.steps[i];
    if (before == step.choice.actor) continue;
    count += std::any_of(step.candidates.begin(), step.candidates.end(),
                         [&](const Candidate& c) { return c.actor == before && c.enabled; });
  }
  return count;
}

uint64_t context_switches(const ExecutionRecord& record) {
  uint64_t count = 0;
  for (size_t i = 1; i < record.steps.size(); ++i)
    count += record.steps[i].choice.actor != record.steps[i - 1].choice.actor;
  return count;
}

}  // namespace fb
