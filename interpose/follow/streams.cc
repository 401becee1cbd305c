#include "interpose/follow/streams.h"

#include "interpose/decode/sockaddr.h"

#include <algorithm>
#include <fmt/format.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <utility>

namespace fb {
namespace {

constexpr int kMostLooks = 100;

using Name = int (*)(int, sockaddr*, socklen_t*);

std::optional<Address> address_by(Name ask, int fd) {
  std::array<std::byte, sizeof(sockaddr_storage)> buffer;
  socklen_t length = buffer.size();
  if (ask(fd, reinterpret_cast<sockaddr*>(buffer.data()), &length) != 0) return std::nullopt;
  auto address = parse_sockaddr(std::span(buffer.data(), std::min<size_t>(length, buffer.size())));
  return address ? std::optional(address->unmapped()) : std::nullopt;
}

uint64_t unread_of(int fd) {
  int bytes = 0;
  return ioctl(fd, FIONREAD, &bytes) == 0 && bytes > 0 ? static_cast<uint64_t>(bytes) : 0;
}

// What came in ends with the peer's FIN, which the kernel counts as a byte.
bool fin_received(int fd, uint8_t state) {
  // Numbers of enum TCP: the header that names them clashes with the one that has tcp_info.
  constexpr uint8_t kTimeWait = 6, kClose = 7, kCloseWait = 8, kLastAck = 9, kClosing = 11;
  if (state != kClose)
    return state == kTimeWait || state == kCloseWait || state == kLastAck || state == kClosing;
  // Closed from both sides, unless it was reset.
  pollfd entry{fd, 0, 0};
  return poll(&entry, 1, 0) > 0 && (entry.revents & POLLERR) == 0;
}

}  // namespace

uint64_t inode_of_own(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

std::optional<Address> local_address(int fd) {
  return address_by(getsockname, fd);
}
std::optional<Address> peer_address(int fd) {
  return address_by(getpeername, fd);
}

std::optional<FollowedEnd> FollowedStreams::look(int fd, uint64_t socket) {
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM)
    return std::nullopt;
  const auto local = local_address(fd);
  const auto peer = peer_address(fd);
  if (!local) return std::nullopt;
  if (local->family != Address::Family::kUnix)
    return peer ? look_at_tcp(fd, socket, *local, *peer) : std::nullopt;
  const auto accepted = clients_.find(socket);
  const uint64_t client = accepted != clients_.end() ? accepted->second : socket;
  if (accepted == clients_.end() && !unix_clients_.contains(socket)) return std::nullopt;
  FollowedEnd end;
  end.outgoing = fmt::format("unix {}{}", client, client == socket ? '>' : '<');
  end.incoming = fmt::format("unix {}{}", client, client == socket ? '<' : '>');
  count(end, unread_of(fd));
  return end;
}

std::optional<FollowedEnd> FollowedStreams::look_at_tcp(int fd, uint64_t socket,
                                                        const Address& local, const Address& peer) {
  // Bytes come in meanwhile: both figures must be of one moment.
  tcp_info info{};
  uint64_t unread = unread_of(fd);
  for (int i = 0; i < kMostLooks; ++i) {
    socklen_t size = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
    if (const uint64_t now = unread_of(fd); now != std::exchange(unread, now)) continue;
    break;
  }
  const std::string here = local.text(), there = peer.text();
  const bool first = here < there;
  Pair& pair = pairs_[first ? here + ' ' + there : there + ' ' + here];
  uint64_t& known = pair.sockets[first ? 0 : 1];
  if (known != socket) {
    if (known != 0) {
      ++pair.generation;
      pair.sockets = {};
    }
    known = socket;
  }
  FollowedEnd end;
  end.outgoing = fmt::format("tcp {}>{} {}", here, there, pair.generation);
  end.incoming = fmt::format("tcp {}>{} {}", there, here, pair.generation);
  end.unread = unread;
  const uint64_t received = info.tcpi_bytes_received - (fin_received(fd, info.tcpi_state) ? 1 : 0);
  end.head = received >= end.unread ? received - end.unread : 0;
  // Payload only: neither SYN nor FIN nor what was sent again.
  end.tail = info.tcpi_bytes_sent - info.tcpi_bytes_retrans + info.tcpi_notsent_bytes;
  return end;
}

FollowedEnd FollowedStreams::look_at_pipe(int fd, const FileId& id) {
  FollowedEnd end;
  end.incoming = end.outgoing = fmt::format("fifo {}:{}:{}", id.device, id.inode, id.birth_ns);
  count(end, unread_of(fd));
  return end;
}

void FollowedStreams::count(FollowedEnd& end, uint64_t unread) {
  Counted& in = counted_[end.incoming];
  in.written = std::max(in.written, unread);
  end.unread = unread;
  end.head = in.written - unread;
  end.slack = std::min(in.slack, end.head);
  end.tail = counted_[end.outgoing].written;
}

void FollowedStreams::is_empty(const FollowedEnd& end) {
  counted_[end.incoming].slack = 0;
}

void FollowedStreams::wrote(const FollowedEnd& end, uint64_t bytes, bool all) {
  Counted& out = counted_[end.outgoing];
  out.written += bytes;
  if (!all) out.slack += bytes;
}

void FollowedStreams::unix_connects(uint64_t client) {
  unix_clients_[client] = true;
}

void FollowedStreams::unix_accepted(uint64_t server, uint64_t client) {
  clients_[server] = client;
}

}  // namespace fb
