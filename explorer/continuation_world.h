// The world as it is after the first decisions of an execution: a search in it explores what can
// follow them, and knows nothing of them.
#pragma once
#include "core/sched/world.h"

#include <vector>

namespace fb {

class ContinuationWorld final : public World {
 public:
  // The first `kept` steps of `execution` come before everything.
  ContinuationWorld(World& world, const ExecutionRecord& execution, size_t kept);

  int capacity() const override { return world_.capacity(); }
  void start(uint64_t ticket, const Plan& plan) override;
  // Without the first steps. An execution that did not get through them has diverged.
  Finished await_any() override;

  // A record of this world, as the world around it would have it.
  ExecutionRecord whole(const ExecutionRecord& continuation) const;

 private:
  World& world_;
  std::vector<ExecutedStep> beginning_;
};

}  // namespace fb
