// Real time that has passed, for durations in reports and for budgets. Nothing that a schedule
// decides may depend on it.
#pragma once
#include "core/base/time.h"

#include <cstdint>

namespace fb {

class Stopwatch {
 public:
  Stopwatch();  // starts
  Duration elapsed() const;
  int64_t elapsed_ms() const;

 private:
  int64_t start_ns_;
};

}  // namespace fb
