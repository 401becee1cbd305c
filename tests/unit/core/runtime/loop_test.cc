#include "core/runtime/loop.h"

#include "core/runtime/sim/sim_loop.h"

#include <gtest/gtest.h>
#include <string>

namespace fb {
namespace {
using namespace std::chrono_literals;

TEST(SimLoopTest, TimeJumpsToTheNextTimer) {
  SimLoop loop;
  std::string fired;
  auto late = loop.after(10min, [&] { fired += 'l'; });
  auto soon = loop.after(1s, [&] { fired += 's'; });
  auto never = loop.after(2s, [&] { fired += 'x'; });
  never.reset();
  loop.run_until([&] { return fired.size() == 2; });
  EXPECT_EQ(fired, "sl");
  EXPECT_EQ(loop.now(), Instant{} + 10min);
  EXPECT_FALSE(loop.stuck());
}

TEST(SimLoopTest, SaysWhenNothingCanHappenAnyMore) {
  SimLoop loop;
  loop.fibers().spawn("waits for ever", [] { FiberPool::park(); });
  loop.run_until([] { return false; });
  EXPECT_TRUE(loop.stuck());
}

TEST(SimLoopTest, AsksTheIdleHookBeforeTimeMoves) {
  SimLoop loop;
  int asked = 0;
  Instant when{-1};
  auto timer = loop.after(1s, [] {});
  loop.set_idle_hook([&] {
    when = loop.now();
    return ++asked < 3;
  });
  loop.run_until([&] { return asked == 3; });
  EXPECT_EQ(when, Instant{0});
}

TEST(AwaitSleepTest, WaitsForTheClockAndNotTheLoop) {
  SimLoop loop;
  Clock clock(loop, Clock::Mode::kVirtual, 0);
  std::string order;
  loop.fibers().spawn("a", [&] {
    await_sleep(clock, 2s);
    order += 'a';
  });
  loop.fibers().spawn("b", [&] {
    await_sleep(clock, 1s);
    order += 'b';
  });
  loop.set_idle_hook([&] {
    if (!clock.earliest()) return false;
    clock.advance();
    return true;
  });
  loop.run_until([&] { return order.size() == 2; });
  EXPECT_EQ(order, "ba");
  EXPECT_EQ(clock.now(), Instant{} + 2s);
  EXPECT_EQ(loop.now(), Instant{0});
}

TEST(AwaitSleepTest, ACancelledSleeperDisarmsItsTimer) {
  SimLoop loop;
  Clock clock(loop, Clock::Mode::kVirtual, 0);
  Fiber& fiber = loop.fibers().spawn("a", [&] { await_sleep(clock, 2s); });
  loop.fibers().run_ready();
  EXPECT_TRUE(clock.earliest().has_value());
  FiberPool::cancel(fiber);
  loop.fibers().run_ready();
  EXPECT_FALSE(clock.earliest().has_value());
}

}  // namespace
}  // namespace fb
