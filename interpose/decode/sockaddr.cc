#include "interpose/decode/sockaddr.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace fb {
namespace {

template <class T>
std::optional<T> as(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace

std::optional<Address> parse_sockaddr(std::span<const std::byte> bytes) {
  const auto family = as<sa_family_t>(bytes);
  if (!family) return std::nullopt;
  Address address;
  if (*family == AF_INET) {
    const auto in = as<sockaddr_in>(bytes);
    if (!in) return std::nullopt;
    address.family = Address::Family::kIpv4;
    std::memcpy(address.ip.data(), &in->sin_addr, 4);
    address.port = ntohs(in->sin_port);
    return address;
  }
  if (*family == AF_INET6) {
    // The kernel accepts the form without a scope (24 bytes).
    constexpr size_t kShort = offsetof(sockaddr_in6, sin6_scope_id);
    if (bytes.size() < kShort) return std::nullopt;
    sockaddr_in6 in{};
    std::memcpy(&in, bytes.data(), std::min(bytes.size(), sizeof in));
    address.family = Address::Family::kIpv6;
    std::memcpy(address.ip.data(), &in.sin6_addr, 16);
    address.port = ntohs(in.sin6_port);
    return address;
  }
  if (*family == AF_UNIX) {
    const auto* text =
        reinterpret_cast<const char*>(bytes.data()) + offsetof(sockaddr_un, sun_path);
    std::string_view path(text, bytes.size() - offsetof(sockaddr_un, sun_path));
    address.family = Address::Family::kUnix;
    if (path.empty()) return address;
    if (path.front() == 0)
      address.unix_path = '@' + std::string(path.substr(1));
    else
      address.unix_path = std::string(path.substr(0, path.find('\0')));
    return address;
  }
  return std::nullopt;
}

std::optional<Address> read_sockaddr(const Target& target, uint64_t address, uint64_t length) {
  std::array<std::byte, sizeof(sockaddr_storage)> buffer;
  if (address == 0 || length < sizeof(sa_family_t)) return std::nullopt;
  const size_t got = target.read_memory(
      address, std::span(buffer.data(), std::min<size_t>(length, buffer.size())));
  return parse_sockaddr({buffer.data(), got});
}

std::optional<Address> peer_of(const Target& target, int fd) {
  const int copy = target.duplicate(fd);
  if (copy < 0) return std::nullopt;
  std::array<std::byte, sizeof(sockaddr_storage)> buffer;
  socklen_t length = buffer.size();
  const int result = getpeername(copy, reinterpret_cast<sockaddr*>(buffer.data()), &length);
  close(copy);
  if (result != 0) return std::nullopt;
  return parse_sockaddr({buffer.data(), std::min<size_t>(length, buffer.size())});
}

bool carries_datagrams(const Target& target, int fd) {
  const int copy = target.duplicate(fd);
  if (copy < 0) return false;
  int type = 0, domain = 0;
  socklen_t length = sizeof type;
  getsockopt(copy, SOL_SOCKET, SO_TYPE, &type, &length);
  length = sizeof domain;
  getsockopt(copy, SOL_SOCKET, SO_DOMAIN, &domain, &length);
  close(copy);
  return type == SOCK_DGRAM && (domain == AF_INET || domain == AF_INET6);
}

}  // namespace fb
