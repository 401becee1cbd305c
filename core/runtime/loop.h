// The seam between what waits and what it waits for. One loop, one OS thread.
// interpose/sys/epoll_loop.h implements it for Linux, core/runtime/sim for tests.
#pragma once
#include "core/base/time.h"
#include "core/runtime/fiber.h"
#include "core/sched/clock.h"

#include <functional>
#include <memory>

namespace fb {

// Its time is real and monotonic; specs and logs see core/sched/clock.h instead.
class Loop : public TimeSource {
 public:
  virtual FiberPool& fibers() = 0;
  // Runs fibers and events until `done` says so (asked after every round). Not from inside a fiber.
  virtual void run_until(const std::function<bool()>& done) = 0;
  // Asked whenever no fiber is runnable and before the loop waits: returns true if it made progress
  // (then the loop goes round again). The controlled scheduler hangs in here.
  virtual void set_idle_hook(std::function<bool()> hook) = 0;
};

// Inside a fiber: waits for the duration of the clock.
void await_sleep(Clock& clock, Duration duration);

}  // namespace fb
