#include "core/run/waiting.h"

#include "core/base/check.h"

#include <algorithm>

namespace fb {
namespace {

// Enters and leaves the queue, also when the fiber is unwound.
class Place {
 public:
  Place(std::vector<Fiber*>& waiters, Fiber* fiber) : waiters_(waiters), fiber_(fiber) {
    waiters_.push_back(fiber_);
  }
  ~Place() { std::erase(waiters_, fiber_); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  std::vector<Fiber*>& waiters_;
  Fiber* fiber_;
};

}  // namespace

bool WaitQueue::await(Clock& clock, Duration limit, TimerKind kind,
                      const std::function<bool()>& condition) {
  if (condition()) return true;
  Fiber* self = FiberPool::current();
  FB_CHECK(self != nullptr);
  bool expired = false;
  const Place place(waiters_, self);
  const std::unique_ptr<Timer> timer = clock.after(
      limit,
      [&expired, self] {
        expired = true;
        FiberPool::wake(*self);
      },
      kind);
  while (true) {
    FiberPool::park();
    if (condition()) return true;
    if (expired) return false;
  }
}

void WaitQueue::await(const std::function<bool()>& condition) {
  if (condition()) return;
  const Place place(waiters_, FiberPool::current());
  do FiberPool::park();
  while (!condition());
}

void WaitQueue::notify() {
  for (Fiber* fiber : waiters_) FiberPool::wake(*fiber);
}

}  // namespace fb
