// From the raw arguments of a call to what it is about: paths, descriptor, peer, size. One function
// per argument shape (core/model/syscall_table.h); only what was wished for is read.
#pragma once
#include "core/model/operation.h"
#include "interpose/decode/target.h"

#include <array>
#include <cstdint>
#include <map>

namespace fb {

struct CallArguments {
  SyscallId call;
  std::array<uint64_t, 6> values{};

  int fd(int8_t position) const { return static_cast<int>(values[static_cast<size_t>(position)]); }
  uint64_t at(int8_t position) const { return values[static_cast<size_t>(position)]; }
};

struct DecodeWish {
  bool links = true;       // paths also with symlinks resolved
  bool peer = true;        // the peer of a connected socket, not only the address of the call
  bool transport = false;  // whether a socket carries datagrams (of connects it is always asked)
};

// Peers of connected sockets by socket inode: a connected stream keeps its peer.
class PeerCache {
 public:
  std::optional<Address> peer(const Target& target, int fd, const std::string& link);
  // The socket is about to be connected anew.
  void forget(const std::string& link) { known_.erase(link); }

 private:
  std::map<std::string, Address, std::less<>> known_;
};

// Fills path, more_paths, fd, peer, size and is_socket. What cannot be read stays empty.
void decode(const Target& target, const CallArguments& arguments, DecodeWish wish, PeerCache& peers,
            Operation& operation);

}  // namespace fb
