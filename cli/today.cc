#include "cli/today.h"

#include "interpose/sys/epoll_loop.h"

#include <chrono>
#include <fmt/format.h>

namespace fb::cli {

std::string today() {
  const std::chrono::sys_time<std::chrono::nanoseconds> now{
      std::chrono::nanoseconds(EpollLoop::unix_time_ns())};
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(now)};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

}  // namespace fb::cli
