#include "core/sched/clock.h"

#include <gtest/gtest.h>
#include <string>

namespace fb {
namespace {
using namespace std::chrono_literals;

// Time that the test sets.
class HandSource final : public TimeSource {
 public:
  Instant now() const override { return now_; }
  std::unique_ptr<Timer> after(Duration delay, std::function<void()> fire) override {
    delay_ = delay;
    fire_ = std::move(fire);
    return std::make_unique<Timer>();
  }
  Instant now_{1'000};
  Duration delay_{};
  std::function<void()> fire_;
};

TEST(ClockTest, RealFollowsTheSourceFromZero) {
  HandSource source;
  Clock clock(source, Clock::Mode::kReal, 77);
  EXPECT_EQ(clock.now(), Instant{0});
  source.now_ = Instant{1'500};
  EXPECT_EQ(clock.now(), Instant{500});
  EXPECT_EQ(clock.epoch_ns(), 77);
}

TEST(ClockTest, RealHandsTimersToTheSource) {
  HandSource source;
  Clock clock(source, Clock::Mode::kReal, 0);
  bool fired = false;
  auto timer = clock.after(5ms, [&] { fired = true; });
  EXPECT_EQ(source.delay_, 5ms);
  EXPECT_FALSE(clock.earliest().has_value());
  source.fire_();
  EXPECT_TRUE(fired);
}

class VirtualClockTest : public ::testing::Test {
 protected:
  std::function<void()> note(char c) {
    return [this, c] { fired += c; };
  }
  HandSource source;
  Clock clock{source, Clock::Mode::kVirtual, 0};
  std::string fired;
};

TEST_F(VirtualClockTest, MovesOnlyWhenAdvanced) {
  auto timer = clock.after(3s, note('a'));
  source.now_ = Instant{1'000'000'000'000};
  EXPECT_EQ(clock.now(), Instant{0});
  EXPECT_EQ(clock.earliest(), Instant{} + 3s);
  clock.advance();
  EXPECT_EQ(clock.now(), Instant{} + 3s);
  EXPECT_EQ(fired, "a");
  EXPECT_FALSE(clock.earliest().has_value());
}

TEST_F(VirtualClockTest, FiresWhatIsDueInTheOrderOfArming) {
  auto c = clock.after(2s, note('c'));
  auto a = clock.after(1s, note('a'));
  auto b = clock.after(1s, note('b'));
  clock.advance();
  EXPECT_EQ(fired, "ab");
  clock.advance();
  EXPECT_EQ(fired, "abc");
}

TEST_F(VirtualClockTest, ADestroyedTimerDoesNotFire) {
  auto b = clock.after(1s, note('b'));
  auto a = clock.after(500ms, [&] { b.reset(); });
  auto c = clock.after(2s, note('c'));
  clock.advance();
  clock.advance();
  EXPECT_EQ(fired, "c");
}

TEST_F(VirtualClockTest, ATimerMayDestroyAnotherThatIsDueToo) {
  std::unique_ptr<Timer> b;
  auto a = clock.after(1s, [&] { b.reset(); });
  b = clock.after(1s, note('b'));
  clock.advance();
  EXPECT_EQ(fired, "");
}

TEST_F(VirtualClockTest, WhatIsArmedWhileFiringWaitsForTheNextAdvance) {
  std::unique_ptr<Timer> again;
  auto a = clock.after(1s, [&] {
    fired += 'a';
    again = clock.after(0s, note('b'));
  });
  clock.advance();
  EXPECT_EQ(fired, "a");
  EXPECT_EQ(clock.earliest(), Instant{} + 1s);
  clock.advance();
  EXPECT_EQ(fired, "ab");
  EXPECT_EQ(clock.now(), Instant{} + 1s);
}

TEST_F(VirtualClockTest, NegativeIsNowAndTooLongIsNever) {
  auto past = clock.after(-5s, note('p'));
  auto never = clock.after(Duration::max(), note('n'));
  clock.advance();
  EXPECT_EQ(fired, "p");
  EXPECT_EQ(clock.now(), Instant{0});
  auto more = clock.after(1s, note('m'));
  clock.advance();
  EXPECT_EQ(clock.earliest(), kNever);
}

}  // namespace
}  // namespace fb
