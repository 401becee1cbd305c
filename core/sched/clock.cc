#include "core/sched/clock.h"

#include "core/base/check.h"

#include <algorithm>

namespace fb {
namespace {

Instant later(Instant now, Duration delay) {
  const int64_t ns = std::max<int64_t>(delay.count(), 0);
  return ns > kNever.ns - now.ns ? kNever : Instant{now.ns + ns};
}

}  // namespace

class Clock::VirtualTimer final : public Timer {
 public:
  VirtualTimer(Clock& clock, std::pair<Instant, uint64_t> key) : clock_(clock), key_(key) {}
  ~VirtualTimer() override { clock_.take(key_); }

 private:
  Clock& clock_;
  std::pair<Instant, uint64_t> key_;
};

Clock::Clock(TimeSource& source, Mode mode, int64_t epoch_ns)
    : source_(source), mode_(mode), epoch_ns_(epoch_ns), start_(source.now()) {}

Instant Clock::now() const {
  return mode_ == Mode::kVirtual ? virtual_now_ : Instant{source_.now().ns - start_.ns};
}

std::unique_ptr<Timer> Clock::after(Duration delay, std::function<void()> fire, TimerKind kind) {
  FB_CHECK(fire != nullptr);
  if (mode_ == Mode::kReal) return source_.after(delay, std::move(fire));
  const std::pair key{later(virtual_now_, delay), next_timer_++};
  timers_.emplace(key, Entry{std::move(fire), kind});
  if (kind == TimerKind::kEvent) ++events_armed_;
  return std::make_unique<VirtualTimer>(*this, key);
}

std::function<void()> Clock::take(std::pair<Instant, uint64_t> key) {
  auto node = timers_.extract(key);
  if (node.empty()) return {};
  if (node.mapped().kind == TimerKind::kEvent) --events_armed_;
  return std::move(node.mapped().fire);
}

bool Clock::expects_event() const {
  return events_armed_ > 0;
}

std::optional<Instant> Clock::earliest() const {
  if (timers_.empty()) return {};
  return timers_.begin()->first.first;
}

void Clock::advance() {
  FB_CHECK(mode_ == Mode::kVirtual && !timers_.empty());
  virtual_now_ = std::max(virtual_now_, timers_.begin()->first.first);
  // What a timer arms while it fires waits for the next advance, even with delay 0: else a timer
  // that re-arms itself would never let go.
  const uint64_t armed_before = next_timer_;
  while (!timers_.empty()) {
    const auto first = timers_.begin();
    const auto [deadline, number] = first->first;
    if (deadline > virtual_now_ || number >= armed_before) break;
    take(first->first)();
  }
}

}  // namespace fb
