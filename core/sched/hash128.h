// A name of 128 bits (xxh3) for a trace or a state: two things of one name are taken for one.
#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace fb {

struct Hash128 {
  uint64_t high = 0, low = 0;
  auto operator<=>(const Hash128&) const = default;
  std::string text() const;  // 32 hexadecimal digits
};

Hash128 hash128(std::string_view bytes);

}  // namespace fb
