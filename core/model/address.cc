#include "core/model/address.h"

#include "core/base/text.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <vector>

namespace fb {

namespace {

constexpr std::array<uint8_t, 12> kV4Mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// All of `text` as a number of at most `max` and `digits` digits.
std::optional<uint32_t> parse_number(std::string_view text, int base, size_t digits, uint32_t max) {
  uint32_t value = 0;
  if (text.empty() || text.size() > digits) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || value > max) return std::nullopt;
  return value;
}

std::optional<std::array<uint8_t, 4>> parse_ipv4(std::string_view text) {
  std::array<uint8_t, 4> ip{};
  for (size_t i = 0; i < 4; ++i) {
    const size_t dot = text.find('.');
    if ((dot == std::string_view::npos) != (i == 3)) return std::nullopt;
    const std::string_view part = text.substr(0, dot);
    // A leading zero is octal to some readers and decimal to others: refused.
    if (part.size() > 1 && part.front() == '0') return std::nullopt;
    const std::optional<uint32_t> byte = parse_number(part, 10, 3, 255);
    if (!byte) return std::nullopt;
    ip[i] = static_cast<uint8_t>(*byte);
    if (i < 3) text.remove_prefix(dot + 1);
  }
  return ip;
}

// Groups of one side of "::", the last of which may be an IPv4 address, as bytes.
std::optional<std::vector<uint8_t>> parse_groups(std::string_view text, bool ipv4_last) {
  std::vector<uint8_t> bytes;
  if (text.empty()) return bytes;
  while (true) {
    const size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    const bool last = colon == std::string_view::npos;
    if (last && ipv4_last && group.find('.') != std::string_view::npos) {
      const auto ip = parse_ipv4(group);
      if (!ip) return std::nullopt;
      bytes.insert(bytes.end(), ip->begin(), ip->end());
      return bytes;
    }
    const std::optional<uint32_t> value = parse_number(group, 16, 4, 0xffff);
    if (!value) return std::nullopt;
    bytes.push_back(static_cast<uint8_t>(*value >> 8));
    bytes.push_back(static_cast<uint8_t>(*value));
    if (last) return bytes;
    text.remove_prefix(colon + 1);
  }
}

std::optional<std::array<uint8_t, 16>> parse_ipv6(std::string_view text) {
  std::array<uint8_t, 16> ip{};
  const size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    const auto bytes = parse_groups(text, true);
    if (!bytes || bytes->size() != 16) return std::nullopt;
    std::ranges::copy(*bytes, ip.begin());
    return ip;
  }
  const auto head = parse_groups(text.substr(0, gap), false);
  const auto tail = parse_groups(text.substr(gap + 2), true);
  // "::" stands for at least one group of zeros.
  if (!head || !tail || head->size() + tail->size() > 14) return std::nullopt;
  std::ranges::copy(*head, ip.begin());
  std::ranges::copy_backward(*tail, ip.end());
  return ip;
}

std::string ipv4_text(const uint8_t* ip) {
  return fmt::format("{}.{}.{}.{}", ip[0], ip[1], ip[2], ip[3]);
}

// RFC 5952: the longest run of at least two zero groups, the first of equals, becomes "::".
std::string ipv6_text(const std::array<uint8_t, 16>& ip) {
  if (std::ranges::equal(std::span(ip).first<12>(), kV4Mapped)) {
    return "::ffff:" + ipv4_text(ip.data() + 12);
  }
  std::array<unsigned, 8> groups{};
  for (size_t i = 0; i < 8; ++i) groups[i] = unsigned{ip[2 * i]} << 8 | ip[2 * i + 1];
  size_t gap = 8;
  size_t gap_length = 1;
  for (size_t i = 0; i < 8; ++i) {
    size_t end = i;
    while (end < 8 && groups[end] == 0) ++end;
    if (end - i > gap_length) {
      gap = i;
      gap_length = end - i;
    }
  }
  std::string out;
  for (size_t i = 0; i < 8; ++i) {
    if (i == gap) {
      out += "::";
      i += gap_length - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    out += fmt::format("{:x}", groups[i]);
  }
  return out;
}

Error bad_address(std::string_view text, std::string_view why) {
  return invalid("bad address " + quote(text) + ": " + std::string(why));
}

}  // namespace

std::optional<Address> parse_ip(std::string_view host) {
  Address address;
  if (const auto ip = parse_ipv4(host)) {
    std::ranges::copy(*ip, address.ip.begin());
    return address;
  }
  if (const auto ip = parse_ipv6(host)) {
    address.family = Address::Family::kIpv6;
    address.ip = *ip;
    return address;
  }
  return std::nullopt;
}

bool Address::is_loopback() const {
  const Address plain = unmapped();
  if (plain.family == Family::kIpv4) return plain.ip[0] == 127;
  std::array<uint8_t, 16> one{};
  one[15] = 1;
  return plain.family == Family::kIpv6 && plain.ip == one;
}

Address Address::unmapped() const {
  if (family != Family::kIpv6 || !std::ranges::equal(std::span(ip).first<12>(), kV4Mapped)) {
    return *this;
  }
  Address plain{Family::kIpv4, {}, port, {}};
  std::copy_n(ip.begin() + 12, 4, plain.ip.begin());
  return plain;
}

std::string Address::text() const {
  switch (family) {
    case Family::kIpv4:
      return fmt::format("{}:{}", ipv4_text(ip.data()), port);
    case Family::kIpv6:
      return fmt::format("[{}]:{}", ipv6_text(ip), port);
    case Family::kUnix:
      break;
  }
  return "unix:" + unix_path;
}

Result<HostPort> split_host_port(std::string_view text) {
  HostPort out;
  std::string_view port;
  if (text.starts_with('[')) {
    const size_t close = text.find("]:");
    if (close == std::string_view::npos) return bad_address(text, "wanted: [IPv6]:port");
    out.host = text.substr(1, close - 1);
    port = text.substr(close + 2);
  } else {
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos) return bad_address(text, "the port is missing");
    if (text.find(':', colon + 1) != std::string_view::npos) {
      return bad_address(text, "an IPv6 address stands in brackets: [::1]:80");
    }
    out.host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (out.host.empty()) return bad_address(text, "the host is missing");
  if (port == "*") return out;
  const std::optional<uint32_t> number = parse_number(port, 10, 5, 0xffff);
  if (!number || *number == 0) return bad_address(text, "a port is a number from 1 to 65535");
  out.port = static_cast<uint16_t>(*number);
  return out;
}

Result<Address> parse_address(std::string_view text) {
  constexpr std::string_view kUnixPrefix = "unix:";
  if (text.starts_with("unix:/") || text.starts_with("unix:@")) {
    return Address{Address::Family::kUnix, {}, 0, std::string(text.substr(kUnixPrefix.size()))};
  }
  const HostPort parts = FB_TRY(split_host_port(text));
  if (!parts.port) return bad_address(text, "the port has to be a number");
  if (parts.host == "localhost") return Address::loopback4(*parts.port);
  std::optional<Address> address = parse_ip(parts.host);
  if (!address) return bad_address(text, quote(parts.host) + " is not an IP address or localhost");
  if ((address->family == Address::Family::kIpv6) != text.starts_with('[')) {
    return bad_address(text, "only an IPv6 address stands in brackets");
  }
  address->port = *parts.port;
  return *std::move(address);
}

}  // namespace fb
