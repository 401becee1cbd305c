// A transport address as specs and events write it.
#pragma once
#include "core/base/result.h"

#include <array>
#include <cstdint>
#include <optional>
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
  // A v4-mapped IPv6 address (::ffff:a.b.c.d) as the IPv4 address it means; others as they are.
  Address unmapped() const;
  std::string text() const;  // "127.0.0.1:80", "[::1]:80", "unix:/run/x"
};

// The address of a literal IP without port; empty: not one.
std::optional<Address> parse_ip(std::string_view host);

// "host:port" taken apart: brackets of an IPv6 host removed, port 1–65535 or `*` (empty). The host
// may be any name.
struct HostPort {
  std::string host;
  std::optional<uint16_t> port;
  bool operator==(const HostPort&) const = default;
};
Result<HostPort> split_host_port(std::string_view text);

// "host:port"; `localhost` is 127.0.0.1, IPv6 in brackets. Other names are errors: nothing resolves
// here. Also reads the form text() has for Unix sockets ("unix:/run/x", "unix:@name").
Result<Address> parse_address(std::string_view text);

}  // namespace fb
