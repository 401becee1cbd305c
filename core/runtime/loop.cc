#include "core/runtime/loop.h"

#include "core/base/check.h"

namespace fb {

void await_sleep(Clock& clock, Duration duration) {
  Fiber* self = FiberPool::current();
  FB_CHECK(self != nullptr);
  bool over = false;
  auto timer = clock.after(duration, [&over, self] {
    over = true;
    FiberPool::wake(*self);
  });
  while (!over) FiberPool::park();
}

}  // namespace fb
