#include "interpose/partition/reset.h"

#include "interpose/sys/posix.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace fb {
namespace {

constexpr int kReceiveQueue = 1, kSendQueue = 2;  // TCP_REPAIR_QUEUE's
constexpr int kRepairOn = 1, kRepairOffQuietly = -1;

bool set(int fd, int name, int value) {
  return setsockopt(fd, IPPROTO_TCP, name, &value, sizeof value) == 0;
}

std::optional<uint32_t> sequence(int fd, int queue) {
  uint32_t value = 0;
  socklen_t length = sizeof value;
  if (!set(fd, TCP_REPAIR_QUEUE, queue) ||
      getsockopt(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, &value, &length) != 0)
    return std::nullopt;
  return value;
}

struct Sequences {
  uint32_t next_received = 0;  // what the peer would send next
  uint32_t next_sent = 0;
};

// Only a socket under repair tells.
std::optional<Sequences> sequences_of(int fd) {
  if (!set(fd, TCP_REPAIR, kRepairOn)) return std::nullopt;
  const auto received = sequence(fd, kReceiveQueue), sent = sequence(fd, kSendQueue);
  set(fd, TCP_REPAIR, kRepairOffQuietly);
  if (!received || !sent) return std::nullopt;
  return Sequences{*received, *sent};
}

template <class T>
void append(std::vector<std::byte>& bytes, const T& value) {
  const auto* data = reinterpret_cast<const std::byte*>(&value);
  bytes.insert(bytes.end(), data, data + sizeof value);
}

uint16_t internet_checksum(std::span<const std::byte> bytes) {
  uint32_t sum = 0;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    uint16_t word;
    std::memcpy(&word, &bytes[i], sizeof word);
    sum += word;
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

struct Segment {
  Address from, to;
  uint32_t sequence = 0;
  std::optional<uint32_t> acknowledges;
};

tcphdr header_of(const Segment& segment) {
  tcphdr header{};
  header.source = htons(segment.from.port);
  header.dest = htons(segment.to.port);
  header.seq = htonl(segment.sequence);
  header.doff = sizeof header / 4;
  header.rst = 1;
  if (segment.acknowledges) {
    header.ack = 1;
    header.ack_seq = htonl(*segment.acknowledges);
  }
  return header;
}

struct Endpoint {
  sockaddr_storage storage{};
  socklen_t length = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// Raw sockets have no ports.
Endpoint endpoint(const Address& address) {
  Endpoint out;
  if (address.family == Address::Family::kIpv4) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    std::memcpy(&in.sin_addr, address.ip.data(), 4);
    std::memcpy(&out.storage, &in, out.length = sizeof in);
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    std::memcpy(&in.sin6_addr, address.ip.data(), 16);
    std::memcpy(&out.storage, &in, out.length = sizeof in);
  }
  return out;
}

// 0 or an errno.
int send_reset(const Segment& segment) {
  const bool v4 = segment.from.family == Address::Family::kIpv4;
  const Fd raw(socket(v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP));
  if (!raw) return errno;
  tcphdr header = header_of(segment);
  if (v4) {
    std::vector<std::byte> summed;
    append(summed, *reinterpret_cast<const std::array<std::byte, 4>*>(segment.from.ip.data()));
    append(summed, *reinterpret_cast<const std::array<std::byte, 4>*>(segment.to.ip.data()));
    append(summed, htons(IPPROTO_TCP));
    append(summed, htons(sizeof header));
    append(summed, header);
    header.check = internet_checksum(summed);
  } else {
    const int offset = offsetof(tcphdr, check);  // the kernel fills it in
    if (setsockopt(raw.get(), IPPROTO_IPV6, IPV6_CHECKSUM, &offset, sizeof offset) != 0)
      return errno;
  }
  const Endpoint from = endpoint(segment.from), to = endpoint(segment.to);
  if (bind(raw.get(), from.get(), from.length) != 0) return errno;
  return sendto(raw.get(), &header, sizeof header, 0, to.get(), to.length) < 0 ? errno : 0;
}

uint8_t state_of(int fd) {
  tcp_info info{};
  socklen_t length = sizeof info;
  constexpr uint8_t kClosed = 7;
  return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 ? info.tcpi_state : kClosed;
}

// What was received and not read yet goes with the connection: the next call is to meet the reset.
void discard_received(int fd) {
  int unread = 0;
  if (ioctl(fd, FIONREAD, &unread) == 0 && unread > 0)
    recv(fd, nullptr, static_cast<size_t>(unread), MSG_TRUNC | MSG_DONTWAIT);
}

int disconnect(int fd) {
  sockaddr none{};
  none.sa_family = AF_UNSPEC;
  return connect(fd, &none, sizeof none) == 0 ? 0 : errno;
}

}  // namespace

Status reset_connection(int fd, const InetSocket& socket, const Address& peer, bool peer_too) {
  constexpr uint8_t kClosed = 7;
  // Bytes that arrive meanwhile make a sequence number old.
  constexpr int kAttempts = 3;
  discard_received(fd);
  for (int i = 0; i < kAttempts && state_of(fd) != kClosed; ++i) {
    const auto sequences = sequences_of(fd);
    if (!sequences) break;
    Segment segment{peer, socket.local, sequences->next_received, {}};
    if (socket.state == InetSocket::State::kConnecting)
      segment.acknowledges = sequences->next_sent;
    else if (peer_too && send_reset({socket.local, peer, sequences->next_sent, {}}) != 0)
      break;
    if (send_reset(segment) != 0) break;
  }
  if (state_of(fd) == kClosed) return {};
  if (const int error = disconnect(fd))
    return posix::error_of(error, "cannot reset a connection to " + peer.text());
  return {};
}

}  // namespace fb
