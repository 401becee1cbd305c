// The TCP and UDP sockets that processes have open, over IPv4 and IPv6, with both their addresses.
// Each is looked at through a duplicate that is closed at once: one that stayed open would hide end
// of file and resets from the peers.
#pragma once
#include "core/base/result.h"
#include "core/model/address.h"
#include "core/model/ids.h"
#include "interpose/decode/target.h"
#include "interpose/sys/fd.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace fb {

struct InetSocket {
  ServiceId service;
  int pid = 0;  // one of the processes that have it
  int fd = -1;  // its number there
  uint64_t inode = 0;
  bool datagram = false;
  bool ipv6 = false;
  enum class State : uint8_t { kIdle, kListening, kConnecting, kConnected } state = State::kIdle;
  Address local;                // v4-mapped ones as the IPv4 addresses they mean
  std::optional<Address> peer;  // of connected ones

  // A packet to this address arrives here (for a listener: a connection).
  bool is_bound_to(const Address& address) const;
};

// What a descriptor of ours is. Empty: no TCP or UDP socket.
std::optional<InetSocket> look_at_socket(int fd);

// Adds the sockets of the process that are not in `sockets` yet (children share their parents').
// Error: it may not be looked at.
Status add_inet_sockets(ServiceId service, int pid, std::vector<InetSocket>& sockets);

// A duplicate of the socket, if the number still means it; empty otherwise.
Fd duplicate_of(const InetSocket& socket);

}  // namespace fb
