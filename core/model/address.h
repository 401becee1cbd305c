// A transport address as specs and events write it.
#pragma once
#include "core/base/result.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace fb {

struct Address {
  enum class Family : uint8_t { kIpv4, kIpv6, kUnix };
  Family family = Family::kIpv4;
  std::array<uint8_t, 16> ip{};  // network order; IPv4 in the first four
  uint16_t port = 0;
  std::string unix_path;  // family kUnix; abstract names begin with '@'

  bool operator==(const Address&) const = default;

  static Address loopback4(uint16_t port) { return {Family::kIpv4, {127, 0, 0, 1}, port, {}}; }
  // 127.0.0.0/8, ::1, or a v4-mapped form of the first.
  bool is_loopback() const;
  std::string text() const;  // "127.0.0.1:80", "[::1]:80", "unix:/run/x"
};

// "host:port"; `localhost` is 127.0.0.1, IPv6 in brackets. Other names are errors: nothing resolves
// here.
Result<Address> parse_address(std::string_view text);

}  // namespace fb
