// A Loop without a machine below it: its time is a number that jumps to the next timer as soon as
// nothing else can go on. The same program therefore always runs in the same order, and ten minutes
// of waiting take none.
#pragma once
#include "core/runtime/loop.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace fb {

class SimLoop final : public Loop {
 public:
  Instant now() const override { return now_; }
  std::unique_ptr<Timer> after(Duration delay, std::function<void()> fire) override;
  FiberPool& fibers() override { return fibers_; }
  // Also returns when nothing can ever happen again; stuck() then says so.
  void run_until(const std::function<bool()>& done) override;
  void set_idle_hook(std::function<bool()> hook) override { idle_hook_ = std::move(hook); }

  bool stuck() const { return stuck_; }

 private:
  class SimTimer;
  bool fire_next();

  Instant now_;
  std::map<std::pair<Instant, uint64_t>, std::function<void()>> timers_;
  uint64_t next_timer_ = 0;
  std::function<bool()> idle_hook_;
  bool stuck_ = false;
  FiberPool fibers_;  // last: its fibers hold timers
};

}  // namespace fb
