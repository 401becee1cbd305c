// The limit of a whole step, handed out piece by piece to the calls of Net it is made of, so that a
// peer that dribbles bytes cannot stretch it.
#pragma once
#include "core/base/time.h"

#include <algorithm>
#include <chrono>
#include <functional>

namespace fb {

// The time in which Net measures the limits it is given.
using Now = std::function<Instant()>;

class Deadline {
 public:
  Deadline(const Now& now, Duration limit)
      : now_(now), limit_(std::clamp<Duration>(limit, Duration::zero(), kLongest)), start_(now()) {}

  Duration limit() const { return limit_; }
  Duration left() const { return std::max(Duration::zero(), start_ + limit_ - now_()); }
  bool passed() const { return left() == Duration::zero(); }

 private:
  static constexpr Duration kLongest = std::chrono::hours(24 * 365);  // sums stay within an Instant

  const Now& now_;
  Duration limit_;
  Instant start_;
};

}  // namespace fb
