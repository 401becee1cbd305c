#include "interpose/footprint/connections.h"

#include "interpose/decode/sockaddr.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace fb {
namespace {

using Name = int (*)(int, sockaddr*, socklen_t*);

std::optional<Address> address_by(Name ask, int fd) {
  std::array<std::byte, sizeof(sockaddr_storage)> buffer;
  socklen_t length = buffer.size();
  if (ask(fd, reinterpret_cast<sockaddr*>(buffer.data()), &length) != 0) return std::nullopt;
  auto address = parse_sockaddr(std::span(buffer.data(), std::min<size_t>(length, buffer.size())));
  return address ? std::optional(address->unmapped()) : std::nullopt;
}

std::string ends_key(const Address& local, const Address& peer) {
  return local.text() + ' ' + peer.text();
}

// The kernel counts SYN and FIN as a byte each.
bool fin_received(uint8_t state) {
  // Numbers of enum TCP: the header that names them clashes with the one that has tcp_info.
  constexpr uint8_t kTimeWait = 6, kCloseWait = 8, kLastAck = 9, kClosing = 11;
  return state == kTimeWait || state == kCloseWait || state == kLastAck || state == kClosing;
}

uint64_t queued(int fd) {
  int bytes = 0;
  return ioctl(fd, SIOCINQ, &bytes) == 0 && bytes > 0 ? static_cast<uint64_t>(bytes) : 0;
}

}  // namespace

void Connections::mark() {
  ++marks_;
  operations_ = 0;
  for (auto& [name, listener] : listeners_) {
    listener.connects -= std::min(listener.connects, listener.accepts);
    listener.accepts = 0;
  }
}

void Connections::bound(const Address& address) {
  if (address.family == Address::Family::kUnix || address.port == 0) return;
  named_ports_.try_emplace(address.port, fmt::format("tcp:{}", address.port));
}

void Connections::listening(const Address& address, std::string_view owner) {
  if (address.family == Address::Family::kUnix || named_ports_.contains(address.port)) return;
  named_ports_.emplace(address.port, fmt::format("tcp {}?{}", owner, ++owned_[std::string(owner)]));
}

std::string Connections::listener_at(const Address& address) const {
  if (address.family == Address::Family::kUnix) return address.text();
  auto named = named_ports_.find(address.port);
  std::string name =
      named != named_ports_.end() ? named->second : fmt::format("tcp:{}", address.port);
  Address host = address.unmapped();
  const bool any = std::all_of(host.ip.begin(), host.ip.end(), [](uint8_t b) { return b == 0; });
  if (any || host.is_loopback()) return name;
  host.port = 0;
  return name + '@' + host.text();
}

uint64_t Connections::connects(const std::string& listener) const {
  auto found = listeners_.find(listener);
  return found == listeners_.end() ? 0 : found->second.connects;
}

uint64_t Connections::accepts(const std::string& listener) const {
  auto found = listeners_.find(listener);
  return found == listeners_.end() ? 0 : found->second.accepts;
}

void Connections::accepting(const std::string& listener) {
  Listener& queue = listeners_[listener];
  ++queue.accepts;
  // One more than were seen to connect: a client that is not controlled had the place.
  queue.connects = std::max(queue.connects, queue.accepts);
}

void Connections::connecting(const std::string& listener, const Address& to, uint64_t socket) {
  Listener& queue = listeners_[listener];
  ++queue.connects;
  std::string name = fmt::format("{}#{}", listener, ++queue.named);
  if (to.family == Address::Family::kUnix) {
    by_socket_.insert_or_assign(socket, End{name, true});
    queue.unclaimed.push_back(std::move(name));
  } else {
    pending_.insert_or_assign(socket, Pending{std::move(name), to.unmapped()});
  }
}

void Connections::connected(uint64_t socket, const Address& local) {
  auto found = pending_.find(socket);
  if (found == pending_.end()) return;
  const Address here = local.unmapped();
  const Pending& pending = found->second;
  by_ends_.insert_or_assign(ends_key(here, pending.to), End{pending.connection, true});
  by_ends_.insert_or_assign(ends_key(pending.to, here), End{pending.connection, false});
  pending_.erase(found);
}

void Connections::paired(const std::string& name, uint64_t first, uint64_t second) {
  by_socket_.insert_or_assign(first, End{name, true});
  by_socket_.insert_or_assign(second, End{name, false});
}

Connections::End Connections::end_of(uint64_t socket, const Address& local, const Address& peer) {
  if (auto found = by_socket_.find(socket); found != by_socket_.end()) return found->second;
  if (local.family != Address::Family::kUnix) {
    if (pending_.contains(socket)) connected(socket, local);
    if (auto found = by_ends_.find(ends_key(local, peer)); found != by_ends_.end())
      return found->second;
    // Its client is not controlled: a name by first sight on both sides.
    const std::string name = fmt::format("{}?{}", listener_at(local), ++strangers_);
    by_ends_.insert_or_assign(ends_key(peer, local), End{name, true});
    return by_ends_.insert_or_assign(ends_key(local, peer), End{name, false}).first->second;
  }
  // An accepted unix socket has its listener's name; connections are accepted in order.
  Listener& queue = listeners_[local.text()];
  std::string name;
  if (!queue.unclaimed.empty()) {
    name = queue.unclaimed.front();
    queue.unclaimed.erase(queue.unclaimed.begin());
  } else {
    name = fmt::format("{}?{}", local.text(), ++strangers_);
  }
  return by_socket_.insert_or_assign(socket, End{std::move(name), false}).first->second;
}

std::optional<StreamEnd> Connections::look(int fd, uint64_t socket) {
  const auto local = address_by(getsockname, fd);
  const auto peer = address_by(getpeername, fd);
  if (!local || !peer) return std::nullopt;
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM)
    return std::nullopt;
  const End end = end_of(socket, *local, *peer);
  StreamEnd stream;
  stream.incoming = end.connection + (end.is_client ? '<' : '>');
  stream.outgoing = end.connection + (end.is_client ? '>' : '<');
  stream.unread = queued(fd);
  if (local->family == Address::Family::kUnix) {
    stream.head = head(stream.incoming, stream.unread);
    stream.tail = tail(stream.outgoing);
    return stream;
  }
  tcp_info info{};
  size = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  int unsent = 0;
  ioctl(fd, SIOCOUTQ, &unsent);
  const uint64_t received = info.tcpi_bytes_received - (fin_received(info.tcpi_state) ? 1 : 0);
  stream.head = received >= stream.unread ? received - stream.unread : 0;
  const uint64_t sent = info.tcpi_bytes_acked + static_cast<uint64_t>(std::max(unsent, 0));
  stream.tail = end.is_client && sent > 0 ? sent - 1 : sent;
  return stream;
}

uint64_t Connections::tail(const std::string& stream) const {
  auto found = written_.find(stream);
  return found == written_.end() ? 0 : found->second;
}

uint64_t Connections::head(const std::string& stream, uint64_t unread) {
  uint64_t& written = written_[stream];
  written = std::max(written, unread);  // bytes that came in out of sight
  return written - unread;
}

}  // namespace fb
