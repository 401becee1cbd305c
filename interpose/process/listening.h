// Which sockets listen on a TCP port of this process's network namespace. Reading a table of
// /proc/net is a pure function, so that it can be tested without sockets.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace fb {

// Inodes, from the text of /proc/net/tcp or tcp6.
std::vector<uint64_t> listening_in(std::string_view table, uint16_t port);
// Inodes, IPv4 and IPv6, of the caller's namespace.
std::vector<uint64_t> listening_sockets(uint16_t port);

}  // namespace fb
