// Which sockets listen on a TCP port of this process's network namespace: from sock_diag, or where
// the kernel lacks it from /proc/net. Reading their answers is pure, so that it can be tested
// without sockets.
#pragma once
#include "core/model/address.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace fb {

struct ListeningSocket {
  uint64_t inode = 0;
  uint64_t unaccepted = 0;  // connections in its accept queue
  Address address;
  bool operator==(const ListeningSocket&) const = default;
};

// All of them, or those on one port.
using WantedPort = std::optional<uint16_t>;

// From the text of /proc/net/tcp or tcp6.
std::vector<ListeningSocket> listening_in(std::string_view table, WantedPort port);
// From the netlink messages of a sock_diag dump; sets `done` at its last one.
std::vector<ListeningSocket> listening_in_messages(std::span<const std::byte> messages,
                                                   WantedPort port, bool& done);
// IPv4 and IPv6, of the caller's namespace.
std::vector<ListeningSocket> listening_sockets(WantedPort port);

}  // namespace fb
