#include "interpose/routing/connect_router.h"

#include "interpose/decode/sockaddr.h"
#include "interpose/footprint/descriptor.h"
#include "interpose/sys/posix.h"
#include "interpose/sys/socket_duplex.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

namespace fb {
namespace {

constexpr int kBacklog = 4096;
// Remembered sockets; numbers of closed ones are never used again by the kernel for long.
constexpr size_t kAskedForMax = 100'000;

std::optional<Address> own_address(int fd) {
  std::array<std::byte, sizeof(sockaddr_storage)> name;
  socklen_t length = name.size();
  if (getsockname(fd, reinterpret_cast<sockaddr*>(name.data()), &length) != 0) return std::nullopt;
  return parse_sockaddr({name.data(), std::min<size_t>(length, name.size())});
}

int option(int fd, int level, int name) {
  int value = 0;
  socklen_t length = sizeof value;
  return getsockopt(fd, level, name, &value, &length) == 0 ? value : -1;
}

// 0.0.0.0 and ::, which a connect takes for this machine.
bool is_any(const Address& address) {
  const Address plain = address.unmapped();
  return std::all_of(plain.ip.begin(), plain.ip.end(), [](uint8_t byte) { return byte == 0; });
}

void send_at_once(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

ConnectRouter::ConnectRouter(EpollLoop& loop, const Topology& topology, ProxyFront& front)
    : loop_(loop), topology_(topology), front_(front), net_(loop) {}

Result<std::unique_ptr<ConnectRouter>> ConnectRouter::create(EpollLoop& loop,
                                                             const Topology& topology,
                                                             ProxyFront& front) {
  std::unique_ptr<ConnectRouter> router(new ConnectRouter(loop, topology, front));
  FB_TRY(router->listen(router->v4_, AF_INET));
  // A machine without IPv6 has no sockets that need it.
  (void)router->listen(router->v6_, AF_INET6);
  return router;
}

Status ConnectRouter::listen(Listening& listening, int family) {
  Fd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return posix::error_of(errno, "cannot make the listener of the proxies");
  Address any = Address::loopback4(0);
  if (family == AF_INET6) any = *parse_ip("::1");
  const SocketAddress raw = FB_TRY(socket_address(any));
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&raw.storage), raw.size) != 0 ||
      ::listen(fd.get(), kBacklog) != 0)
    return posix::error_of(errno, "cannot make the listener of the proxies");
  listening.port = own_address(fd.get())->port;
  listening.fd = std::move(fd);
  listening.watch = loop_.watch(listening.fd.get(), {.readable = true},
                                [this, &listening](Ready) { accept_all(listening); });
  return {};
}

std::optional<InterfaceId> ConnectRouter::proxied(const Address& to) const {
  if (to.family == Address::Family::kUnix || !(to.is_loopback() || is_any(to))) return std::nullopt;
  for (size_t service = 0; service < topology_.services.size(); ++service) {
    const auto& interfaces = topology_.services[service].interfaces;
    for (size_t i = 0; i < interfaces.size(); ++i)
      if (interfaces[i].proxied && interfaces[i].port == to.port)
        return InterfaceId{ServiceId{static_cast<uint16_t>(service)}, i};
  }
  return std::nullopt;
}

// On a loopback address the answer is there when connect returns. A server whose queue is full
// keeps us in the dark: then the handshake goes on, and what is sent waits for it.
Result<Fd> ConnectRouter::dial(const Address& to) const {
  const SocketAddress raw = FB_TRY(socket_address(to));
  Fd fd(::socket(raw.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return posix::error_of(errno, "dial " + to.text());
  send_at_once(fd.get());
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&raw.storage), raw.size) == 0)
    return fd;
  if (errno != EINPROGRESS && errno != EINTR) return posix::error_of(errno, "dial " + to.text());
  pollfd state{fd.get(), POLLOUT, 0};
  ::poll(&state, 1, 0);
  const int error = option(fd.get(), SOL_SOCKET, SO_ERROR);
  if (error > 0) {
    errno = error;
    return posix::error_of(error, "dial " + to.text());
  }
  return fd;
}

int ConnectRouter::connect_to_listener(int fd) const {
  const bool v6 = option(fd, SOL_SOCKET, SO_DOMAIN) == AF_INET6;
  // A dual-stack socket reaches the IPv4 listener as a mapped address; one for IPv6 only does not.
  const bool only = v6 && option(fd, IPPROTO_IPV6, IPV6_V6ONLY) == 1;
  std::optional<Address> own = own_address(fd);
  const bool bound_v6 = v6 && own && !own->unmapped().text().starts_with("[::]") &&
                        own->unmapped().family == Address::Family::kIpv6;
  Address to = Address::loopback4(v4_.port);
  if (only || bound_v6) {
    if (!v6_.fd) return ENETUNREACH;
    to = *parse_ip("::1");
    to.port = v6_.port;
  } else if (v6) {
    to = *parse_ip("::ffff:127.0.0.1");
    to.port = v4_.port;
  }
  const Result<SocketAddress> raw = socket_address(to);
  if (!raw.ok()) return EINVAL;
  // Our own listener with a long queue: even a blocking socket is connected when this returns.
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&raw->storage), raw->size) == 0) return 0;
  return errno;
}

void ConnectRouter::expect(int fd, Expected connection) {
  const std::optional<Address> from = own_address(fd);
  if (!from) return;  // closed by its owner in the meantime
  connection.from = from->unmapped();
  expected_.push_back(std::move(connection));
  accept_all(v4_);
  if (v6_.fd) accept_all(v6_);
}

std::optional<int> ConnectRouter::connect(ServiceId source, const Target& target, int fd,
                                          const Address& to) {
  const std::optional<InterfaceId> interface = proxied(to);
  if (!interface) return std::nullopt;
  const DescriptorCopy socket(target, fd);
  if (!socket || option(socket.get(), SOL_SOCKET, SO_TYPE) != SOCK_STREAM ||
      option(socket.get(), SOL_SOCKET, SO_PROTOCOL) != IPPROTO_TCP)
    return std::nullopt;
  // What a socket under way or connected answers to a second connect is the kernel's business.
  const int state = [&] {
    tcp_info info{};
    socklen_t length = sizeof info;
    return getsockopt(socket.get(), IPPROTO_TCP, TCP_INFO, &info, &length) == 0 ? info.tcpi_state
                                                                                : -1;
  }();
  constexpr int kTcpClosed = 7;
  if (state != kTcpClosed) return std::nullopt;
  const Address real = to.unmapped();
  errno = 0;
  Result<Fd> server = dial(real);
  if (!server.ok()) return errno != 0 ? errno : ECONNREFUSED;
  const int result = connect_to_listener(socket.get());
  if (result != 0 && result != EINPROGRESS) return result;
  if (const auto link = target.fd_link(fd)) {
    if (asked_for_.size() >= kAskedForMax) asked_for_.clear();
    asked_for_[inode_of_link(*link)] = to;
  }
  expect(socket.get(), {{}, source, *interface, real, std::move(server).value()});
  return result;
}

std::optional<Address> ConnectRouter::asked_for(const Target& target, int fd) const {
  if (asked_for_.empty()) return std::nullopt;
  const auto link = target.fd_link(fd);
  if (!link) return std::nullopt;
  const auto found = asked_for_.find(inode_of_link(*link));
  if (found == asked_for_.end()) return std::nullopt;
  // The number may be another socket's by now: it must still be a connection to our listener.
  const std::optional<Address> peer = peer_of(target, fd);
  if (!peer || (peer->port != v4_.port && peer->port != v6_.port)) return std::nullopt;
  return found->second;
}

Result<std::unique_ptr<Stream>> ConnectRouter::connect_step(const Address& to, InterfaceId target,
                                                            Duration limit) {
  Result<Fd> server = dial(to);
  if (!server.ok()) {
    // Once more, for the message and the patience of every other step.
    return std::unique_ptr<Stream>(FB_TRY(net_.dial(to, limit)));
  }
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return posix::error_of(errno, "dial " + dial_text(to));
  send_at_once(fd.get());
  const int result = connect_to_listener(fd.get());
  if (result != 0 && result != EINPROGRESS) return posix::error_of(result, "dial " + dial_text(to));
  expect(fd.get(), {{}, kTestDriver, target, to, std::move(server).value()});
  return std::unique_ptr<Stream>(std::make_unique<SocketStream>(loop_, std::move(fd)));
}

void ConnectRouter::accept_all(Listening& listening) {
  for (;;) {
    Fd fd(::accept4(listening.fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd) return;
    std::array<std::byte, sizeof(sockaddr_storage)> name;
    socklen_t length = name.size();
    if (getpeername(fd.get(), reinterpret_cast<sockaddr*>(name.data()), &length) != 0) continue;
    const auto from = parse_sockaddr({name.data(), std::min<size_t>(length, name.size())});
    const auto found = std::find_if(
        expected_.begin(), expected_.end(),
        [&](const Expected& expected) { return from && expected.from == from->unmapped(); });
    if (found == expected_.end()) continue;  // whoever it is, no proxy is for them
    send_at_once(fd.get());
    ProxiedConnection connection{
        .source = found->source,
        .target = found->target,
        .client = std::make_unique<SocketDuplex>(loop_, std::move(fd)),
        .server = std::make_unique<SocketDuplex>(loop_, std::move(found->server)),
        .dial = [this, to = found->to]() -> std::unique_ptr<Duplex> {
          Result<Fd> again = dial(to);
          if (!again.ok()) return nullptr;
          return std::make_unique<SocketDuplex>(loop_, std::move(again).value());
        }};
    expected_.erase(found);
    front_.take(std::move(connection));
  }
}

}  // namespace fb
