#include "interpose/partition/inet_sockets.h"

#include "interpose/decode/sockaddr.h"
#include "interpose/footprint/descriptor.h"
#include "interpose/sys/posix.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace fb {
namespace {

// <linux/tcp.h> has no names for states; these are the kernel's numbers.
constexpr uint8_t kEstablished = 1, kSynSent = 2, kClosed = 7, kListen = 10;

std::optional<int> option(int fd, int name) {
  int value = 0;
  socklen_t length = sizeof value;
  if (getsockopt(fd, SOL_SOCKET, name, &value, &length) != 0) return std::nullopt;
  return value;
}

using GetName = int (*)(int, sockaddr*, socklen_t*);
std::optional<Address> name_of(int fd, GetName get) {
  std::array<std::byte, sizeof(sockaddr_storage)> buffer;
  socklen_t length = buffer.size();
  if (get(fd, reinterpret_cast<sockaddr*>(buffer.data()), &length) != 0) return std::nullopt;
  auto address = parse_sockaddr({buffer.data(), std::min<size_t>(length, buffer.size())});
  return address ? std::optional(address->unmapped()) : std::nullopt;
}

InetSocket::State tcp_state(int fd) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return InetSocket::State::kIdle;
  switch (info.tcpi_state) {
    case kListen:
      return InetSocket::State::kListening;
    case kSynSent:
      return InetSocket::State::kConnecting;
    case kClosed:
      return InetSocket::State::kIdle;
    default:
      static_assert(kEstablished == 1);
      return InetSocket::State::kConnected;
  }
}

uint64_t inode_of(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

}  // namespace

bool InetSocket::is_bound_to(const Address& address) const {
  if (local.port == 0 || local.port != address.port) return false;
  const Address wanted = address.unmapped();
  if (local.family == wanted.family && local.ip == wanted.ip) return true;
  const std::array<uint8_t, 16> any{};
  // Both "no address" mean this machine; a socket bound to none gets what comes to any of its
  // family, an IPv6 one mostly IPv4 as well.
  if (wanted.ip == any) return local.ip == any || local.is_loopback();
  return local.ip == any && wanted.is_loopback() && (ipv6 || wanted.family == local.family);
}

std::optional<InetSocket> look_at_socket(int fd) {
  const auto domain = option(fd, SO_DOMAIN), type = option(fd, SO_TYPE),
             protocol = option(fd, SO_PROTOCOL);
  if (!domain || !type || !protocol) return std::nullopt;
  if (*domain != AF_INET && *domain != AF_INET6) return std::nullopt;
  InetSocket socket;
  socket.ipv6 = *domain == AF_INET6;
  socket.datagram = *type == SOCK_DGRAM;
  if (*protocol != (socket.datagram ? IPPROTO_UDP : IPPROTO_TCP)) return std::nullopt;
  const auto local = name_of(fd, getsockname);
  if (!local) return std::nullopt;
  socket.local = *local;
  socket.peer = name_of(fd, getpeername);
  socket.inode = inode_of(fd);
  if (!socket.datagram)
    socket.state = tcp_state(fd);
  else if (socket.peer)
    socket.state = InetSocket::State::kConnected;
  return socket;
}

Status add_inet_sockets(ServiceId service, int pid, std::vector<InetSocket>& sockets) {
  const auto target = Target::open(pid);
  if (!target) return {};
  for (const int fd : open_descriptors(*target)) {
    const auto link = target->fd_link(fd);
    if (!link || !link->starts_with("socket:")) continue;
    const bool known = std::any_of(sockets.begin(), sockets.end(), [&](const InetSocket& socket) {
      return *link == fmt::format("socket:[{}]", socket.inode);
    });
    if (known) continue;
    const Fd copy(target->duplicate(fd));
    if (!copy) {
      if (errno == EPERM)
        return posix::error_of(errno, fmt::format("cannot reach the sockets of process {}", pid));
      continue;
    }
    auto socket = look_at_socket(copy.get());
    if (!socket) continue;
    socket->service = service;
    socket->pid = pid;
    socket->fd = fd;
    sockets.push_back(*socket);
  }
  return {};
}

Fd duplicate_of(const InetSocket& socket) {
  const auto target = Target::open(socket.pid);
  if (!target) return Fd();
  Fd copy(target->duplicate(socket.fd));
  if (copy && inode_of(copy.get()) != socket.inode) copy.reset();
  return copy;
}

}  // namespace fb
