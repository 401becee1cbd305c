// One fiber waits for a condition that events, timers or other fibers bring about. Whoever may have
// changed it calls notify().
#pragma once
#include "core/runtime/fiber.h"
#include "core/sched/clock.h"

#include <functional>
#include <vector>

namespace fb {

class WaitQueue {
 public:
  // In a fiber: parks until `condition` holds (asked at once and after every notify()), at most
  // `limit` of the clock. False: the limit was reached first.
  bool await(Clock& clock, Duration limit, TimerKind kind, const std::function<bool()>& condition);
  // In a fiber: without limit.
  void await(const std::function<bool()>& condition);
  void notify();

 private:
  std::vector<Fiber*> waiters_;
};

}  // namespace fb
