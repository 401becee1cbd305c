#include "explorer/continuation_world.h"

#include <algorithm>

namespace fb {

ContinuationWorld::ContinuationWorld(World& world, const ExecutionRecord& execution, size_t kept)
    : world_(world),
      beginning_(execution.steps.begin(), execution.steps.begin() + static_cast<ptrdiff_t>(kept)) {}

void ContinuationWorld::start(uint64_t ticket, const Plan& plan) {
  Plan whole = plan;
  whole.prefix.clear();
  for (const ExecutedStep& step : beginning_)
    whole.prefix.push_back({step.choice, step.chosen().operation, step.chosen().key, false});
  whole.prefix.insert(whole.prefix.end(), plan.prefix.begin(), plan.prefix.end());
  for (Asleep& asleep : whole.sleep) asleep.from += beginning_.size();
  world_.start(ticket, whole);
}

World::Finished ContinuationWorld::await_any() {
  Finished finished = world_.await_any();
  std::vector<ExecutedStep>& steps = finished.record.steps;
  if (steps.size() < beginning_.size() && finished.record.end != EndState::kBroken)
    finished.record.end = EndState::kDiverged;
  steps.erase(steps.begin(),
              steps.begin() + static_cast<ptrdiff_t>(std::min(steps.size(), beginning_.size())));
  return finished;
}

ExecutionRecord ContinuationWorld::whole(const ExecutionRecord& continuation) const {
  ExecutionRecord record = continuation;
  record.steps.insert(record.steps.begin(), beginning_.begin(), beginning_.end());
  return record;
}

}  // namespace fb
