#include "interpose/sys/stopwatch.h"

#include <ctime>

namespace fb {
namespace {

int64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

Stopwatch::Stopwatch() : start_ns_(monotonic_ns()) {}

Duration Stopwatch::elapsed() const {
  return Duration(monotonic_ns() - start_ns_);
}

int64_t Stopwatch::elapsed_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(elapsed()).count();
}

}  // namespace fb
