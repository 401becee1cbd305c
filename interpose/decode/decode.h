// From the raw arguments of a call to what it is about: paths, descriptor, peer, size. One function
// per argument shape (core/model/syscall_table.h); only what was wished for is read.
#pragma once
#include "core/model/operation.h"
#include "interpose/decode/fd_names.h"
#include "interpose/decode/kept_names.h"
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
  bool links = true;          // paths also with symlinks resolved
  bool peer = true;           // the peer of a connected socket, not only the address of the call
  KeptNames* kept = nullptr;  // of the service, where it keeps them
  bool transport = false;     // whether a socket carries datagrams (of connects it is always asked)
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

// What is kept from call to call.
struct DecodeMemory {
  FdNames names;
  PeerCache peers;
};

// Fills path, more_paths, fd, peer, size and is_socket. What cannot be read stays empty.
void decode(const Target& target, const CallArguments& arguments, DecodeWish wish,
            DecodeMemory& memory, Operation& operation);

// Whether decode() reads the caller's memory, which is only known to be the caller's if the
// notification is still valid afterwards. What /proc/TID tells is the thread's or nobody's.
bool reads_memory(SyscallId call);

}  // namespace fb
