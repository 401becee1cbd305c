#include "core/sched/causality.h"

#include <array>
#include <gtest/gtest.h>
#include <optional>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace fb {
namespace {

constexpr ServiceId kA{0}, kB{1}, kC{2};

class CausalityTest : public testing::Test {
 protected:
  // An operation with an event: its seq.
  uint64_t event(ServiceId service, const Footprint& footprint) {
    std::vector<uint64_t> causes = causality.learn(service, footprint);
    const uint64_t seq =
        log.append(service, EventType::kSyscall, Instant{}, {}, std::move(causes)).seq;
    causality.publish(service, footprint, seq);
    return seq;
  }
  const Event& at(uint64_t seq) const { return log.at(seq); }

  EventLog log{{"a", "b", "c"}};
  Causality causality{log};
};

Footprint writes(std::string_view object, uint64_t low = 0, uint64_t high = kToEnd) {
  Footprint footprint;
  footprint.write(object_key(object), low, high);
  return footprint;
}
Footprint reads(std::string_view object, uint64_t low = 0, uint64_t high = kToEnd) {
  Footprint footprint;
  footprint.read(object_key(object), low, high);
  return footprint;
}
Footprint needs(std::string_view object, uint64_t low = 0, uint64_t high = kToEnd) {
  Footprint footprint;
  footprint.needs.push_back({object_key(object), AccessMode::kRead, low, high});
  return footprint;
}

TEST_F(CausalityTest, AReaderKnowsTheWriter) {
  const uint64_t write = event(kA, writes("x", 0, 10));
  const uint64_t read = event(kB, reads("x", 5, 6));
  EXPECT_EQ(at(read).clock.at(0), 1u);
  EXPECT_EQ(at(read).causes, std::vector<uint64_t>{write});
}

TEST_F(CausalityTest, ButNotWhoWroteElsewhere) {
  event(kA, writes("x", 0, 10));
  event(kA, writes("y"));
  EXPECT_EQ(at(event(kB, reads("x", 10, 20))).clock.at(0), 0u);
}

TEST_F(CausalityTest, WhatIsWrittenOverTellsNothing) {
  event(kA, writes("x", 0, 10));
  event(kB, writes("x", 5, 8));
  const uint64_t middle = event(kC, reads("x", 5, 8));
  EXPECT_EQ(at(middle).clock.at(0), 0u);
  EXPECT_EQ(at(middle).clock.at(1), 1u);
  EXPECT_EQ(at(event(kC, reads("x", 8, 9))).clock.at(0), 1u);
}

TEST_F(CausalityTest, ThePassingOfTimeIsNoMessage) {
  event(kA, writes("time", 0, 1));
  EXPECT_EQ(at(event(kB, needs("time", 0, 9))).clock.at(0), 0u);
}

TEST_F(CausalityTest, WhatHasNoEventOfItsOwnTicksNothingAndIsPassedOn) {
  const uint64_t before = event(kA, {});
  causality.pass(kA, writes("stream", 0, 4));
  causality.pass(kB, needs("stream", 0, 4));
  const uint64_t after = event(kB, {});
  EXPECT_EQ(at(after).clock.at(1), 1u);
  EXPECT_EQ(at(after).clock.at(0), 1u);
  EXPECT_EQ(at(after).causes, std::vector<uint64_t>{before});
  EXPECT_TRUE(at(event(kB, {})).causes.empty());
}

// Against the simplest model: for each byte, who wrote it last and what the writer knew.
RC_GTEST_PROP(CausalityPropertyTest, ClocksAreThoseOfTheLastWritersOfTheBytesRead, ()) {
  constexpr size_t kHosts = 3, kBytes = 12;
  using Clock = std::array<uint64_t, kHosts>;
  EventLog log{{"a", "b", "c"}};
  Causality causality{log};
  std::array<Clock, kHosts> clocks{};
  std::array<std::optional<Clock>, kBytes> last{};
  const int steps = *rc::gen::inRange(1, 40);
  for (int i = 0; i < steps; ++i) {
    const auto host = static_cast<uint16_t>(*rc::gen::inRange(0, int{kHosts}));
    const auto low = static_cast<size_t>(*rc::gen::inRange(0, int{kBytes}));
    const auto high =
        static_cast<size_t>(*rc::gen::inRange(static_cast<int>(low) + 1, int{kBytes} + 1));
    const bool reading = *rc::gen::arbitrary<bool>();
    const bool recorded = *rc::gen::arbitrary<bool>();
    Clock& clock = clocks[host];
    if (reading)
      for (size_t byte = low; byte < high; ++byte)
        if (last[byte])
          for (size_t h = 0; h < kHosts; ++h) clock[h] = std::max(clock[h], (*last[byte])[h]);
    if (recorded) ++clock[host];
    if (!reading)
      for (size_t byte = low; byte < high; ++byte) last[byte] = clock;

    const Footprint footprint = reading ? reads("x", low, high) : writes("x", low, high);
    if (recorded) {
      auto causes = causality.learn(ServiceId{host}, footprint);
      const uint64_t seq =
          log.append(ServiceId{host}, EventType::kSyscall, Instant{}, {}, std::move(causes)).seq;
      causality.publish(ServiceId{host}, footprint, seq);
    } else {
      causality.pass(ServiceId{host}, footprint);
    }
    for (uint16_t h = 0; h < kHosts; ++h)
      RC_ASSERT(log.clock_of(ServiceId{host}).at(h) == clock[h]);
  }
}

}  // namespace
}  // namespace fb
