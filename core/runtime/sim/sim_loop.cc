#include "core/runtime/sim/sim_loop.h"

#include "core/base/check.h"

#include <algorithm>

namespace fb {

class SimLoop::SimTimer final : public Timer {
 public:
  SimTimer(SimLoop& loop, std::pair<Instant, uint64_t> key) : loop_(loop), key_(key) {}
  ~SimTimer() override { loop_.timers_.erase(key_); }

 private:
  SimLoop& loop_;
  std::pair<Instant, uint64_t> key_;
};

std::unique_ptr<Timer> SimLoop::after(Duration delay, std::function<void()> fire) {
  FB_CHECK(fire != nullptr);
  const std::pair key{now_ + std::max(delay, Duration::zero()), next_timer_++};
  timers_.emplace(key, std::move(fire));
  return std::make_unique<SimTimer>(*this, key);
}

bool SimLoop::fire_next() {
  if (timers_.empty()) return false;
  const auto first = timers_.begin();
  now_ = first->first.first;
  auto fire = std::move(first->second);
  timers_.erase(first);
  fire();
  return true;
}

void SimLoop::run_until(const std::function<bool()>& done) {
  stuck_ = false;
  while (true) {
    fibers_.run_ready();
    if (done()) return;
    if (idle_hook_ && idle_hook_()) continue;
    if (fibers_.anything_ready() || fire_next()) continue;
    stuck_ = true;
    return;
  }
}

}  // namespace fb
