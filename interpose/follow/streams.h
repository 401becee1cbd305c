// Byte streams between services as both ends see them, where order is free: which bytes a call puts
// in or takes out. The kernel itself tells offsets of TCP; of Unix sockets and named pipes what is
// written is counted here and what is unread is asked.
//
//   TCP            known by its two addresses; a later connection between the same two is another
//   Unix           known by the socket that connected; the accepting one is matched to it
//   named pipe     known by its file
//
// Knows nothing of services or clocks: it hands out object keys and offsets.
#pragma once
#include "core/model/address.h"
#include "core/model/footprint.h"
#include "interpose/footprint/object_names.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace fb {

struct FollowedEnd {
  std::string incoming, outgoing;  // names of the two streams
  uint64_t head = 0;               // next byte to be read here
  uint64_t unread = 0;             // bytes in the queue
  uint64_t tail = 0;               // next byte to be written here
  uint64_t slack = 0;              // `head` may be too large by as much: sends were cut short

  ObjectKey bytes_in() const { return object_key("bytes " + incoming); }
  ObjectKey bytes_out() const { return object_key("bytes " + outgoing); }
  ObjectKey end_in() const { return object_key("end " + incoming); }
  ObjectKey end_out() const { return object_key("end " + outgoing); }
  ObjectKey head_key() const { return object_key("head " + incoming); }
  ObjectKey tail_key() const { return object_key("tail " + outgoing); }
};

class FollowedStreams {
 public:
  // The end behind a descriptor of ours. Empty: no connected stream socket, or one of a pair that
  // was never seen to connect. `socket` is its inode.
  std::optional<FollowedEnd> look(int fd, uint64_t socket);
  FollowedEnd look_at_pipe(int fd, const FileId& id);

  // Unix sockets: `server` was accepted from a listener that `client` connected to.
  void unix_connects(uint64_t client);
  void unix_accepted(uint64_t server, uint64_t client);

  // Streams without totals of their own: bytes that are about to be written. `all`: the kernel will
  // surely take them all.
  void wrote(const FollowedEnd& end, uint64_t bytes, bool all);
  // Nothing is unread, and no send is under way.
  void is_empty(const FollowedEnd& end);

 private:
  struct Pair {
    std::array<uint64_t, 2> sockets{};  // of the two addresses in ascending order; 0: not seen yet
    uint32_t generation = 0;
  };
  std::optional<FollowedEnd> look_at_tcp(int fd, uint64_t socket, const Address& local,
                                         const Address& peer);

  std::map<std::string, Pair, std::less<>> pairs_;
  std::map<uint64_t, uint64_t> clients_;  // of accepted Unix sockets
  std::map<uint64_t, bool> unix_clients_;
  // How many bytes were counted, and how many of those the kernel may not have taken. A stream that
  // is seen empty is exact again.
  struct Counted {
    uint64_t written = 0, slack = 0;
  };
  void count(FollowedEnd& end, uint64_t unread);
  std::map<std::string, Counted, std::less<>> counted_;
};

// The inode of a socket or pipe of ours; 0: none.
uint64_t inode_of_own(int fd);
std::optional<Address> local_address(int fd);
std::optional<Address> peer_address(int fd);

}  // namespace fb
