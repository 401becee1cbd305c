// Resetting a connection so that both ends meet what a reset by the network is: a blocked or the
// next call gets ECONNRESET, later ones end of file or EPIPE. Each end is sent a segment that looks
// like its peer's; that needs CAP_NET_ADMIN and CAP_NET_RAW in the network namespace. Without them
// the socket is disconnected, which the peer meets as a reset and the own end nearly so: a call
// that is blocked on it gets EPIPE.
#pragma once
#include "core/base/result.h"
#include "interpose/partition/inet_sockets.h"

#include <optional>

namespace fb {

// `fd`: a duplicate of `socket`, which is connected to `peer` or is trying to be (then it is
// refused). `peer_too`: nobody holds the other end (it may wait in an accept queue): it is reset
// from here as well.
Status reset_connection(int fd, const InetSocket& socket, const Address& peer, bool peer_too);

}  // namespace fb
