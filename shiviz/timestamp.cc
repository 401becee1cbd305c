#include "shiviz/timestamp.h"

#include <chrono>
#include <fmt/format.h>

namespace fb {

namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kSecondsPerDay = 86'400;

struct Split {
  int64_t seconds;  // since the epoch, rounded down
  int64_t ns;       // 0 to 999,999,999
};

Split split(int64_t unix_ns) {
  int64_t ns = unix_ns % kNsPerSecond;
  int64_t seconds = unix_ns / kNsPerSecond;
  if (ns < 0) {
    ns += kNsPerSecond;
    --seconds;
  }
  return {seconds, ns};
}

}  // namespace

std::string iso8601_seconds(int64_t unix_ns) {
  const int64_t seconds = split(unix_ns).seconds;
  const auto day = std::chrono::floor<std::chrono::days>(
      std::chrono::sys_seconds(std::chrono::seconds(seconds)));
  const std::chrono::year_month_day date(day);
  const int64_t in_day = seconds - day.time_since_epoch().count() * kSecondsPerDay;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     in_day / 3600, in_day / 60 % 60, in_day % 60);
}

std::string rfc3339_utc(int64_t unix_ns) {
  return fmt::format("{}.{:09}Z", iso8601_seconds(unix_ns), split(unix_ns).ns);
}

}  // namespace fb
