// FB_CHECK states what only a bug in faultbox can break; it is on in every build and ends the
// process.
#pragma once

namespace fb {
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;
}  // namespace fb

#define FB_CHECK(condition)                               \
  do {                                                    \
    if (!(condition)) [[unlikely]]                        \
      ::fb::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
