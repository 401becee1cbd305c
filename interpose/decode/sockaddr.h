// Socket addresses: the sockaddr argument of a call, and the peer of a connected socket.
#pragma once
#include "core/model/address.h"
#include "interpose/decode/target.h"

#include <cstddef>
#include <optional>
#include <span>

namespace fb {

// IPv4, IPv6 and unix. Empty: another family, or too short.
std::optional<Address> parse_sockaddr(std::span<const std::byte> bytes);
// The sockaddr of `length` bytes at `address` in the target's memory.
std::optional<Address> read_sockaddr(const Target& target, uint64_t address, uint64_t length);
// Who the target's socket is connected to. Empty: nobody, or not a socket.
std::optional<Address> peer_of(const Target& target, int fd);
// Whether it is an IPv4 or IPv6 socket of datagrams.
bool carries_datagrams(const Target& target, int fd);

}  // namespace fb
