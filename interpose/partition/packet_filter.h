// Classic BPF programs for SO_ATTACH_FILTER: which packets a socket is to lose before it takes
// notice of them. They need no privilege, work on loopback, and are gone with their socket.
//
//   everything   silence: no segment gets in, no acknowledgement either, so that whatever the peer
//                sends stays with it and is sent again until the filter is taken off
//   payload      one direction of a stream: bytes and their end stay out, acknowledgements and the
//                handshake get in
//   datagrams    those of certain senders
#pragma once
#include "core/model/address.h"

#include <cstddef>
#include <linux/filter.h>
#include <span>
#include <vector>

namespace fb {

using PacketFilter = std::vector<sock_filter>;

PacketFilter drop_everything();
// For stream sockets.
PacketFilter drop_payload();
// For datagram sockets. A sender with an unspecified address is known by its port alone.
PacketFilter drop_datagrams(std::span<const Address> senders);
// So many senders fit into one program.
inline constexpr size_t kMaxSenders = 250;

// 0 or an errno. Replaces what is attached.
int attach(int socket, const PacketFilter& filter);
int detach(int socket);

}  // namespace fb
