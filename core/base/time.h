// Durations and instants. Both count nanoseconds; only core/sched/clock.h makes instants.
#pragma once
#include "core/base/result.h"

#include <chrono>
#include <string>
#include <string_view>

namespace fb {

using Duration = std::chrono::nanoseconds;

// Nanoseconds since the start of the test (monotonic). Wall time of events is start + instant.
struct Instant {
  int64_t ns = 0;
  auto operator<=>(const Instant&) const = default;
  friend Instant operator+(Instant t, Duration d) { return {t.ns + d.count()}; }
  friend Duration operator-(Instant a, Instant b) { return Duration{a.ns - b.ns}; }
};
inline constexpr Instant kNever{INT64_MAX};

// Reads the grammar of spec §2.1: one or more NUMBER UNIT, unit in ns us µs ms s m h, or "0". A
// number is decimal, with or without a fraction; what is below a nanosecond is cut off.
Result<Duration> parse_duration(std::string_view text);
// In largest units: 500ms, 1.5s, 1m0s, 1h0m0s, 0s. parse_duration() reads it back, unless it is
// negative.
std::string format_duration(Duration duration);

}  // namespace fb
