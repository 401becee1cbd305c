// Stream connections as both ends see them: the listener, the place in its queue, one byte stream
// per direction. Services' calls and the test driver's own steps name them alike, so that a race
// between the two is seen.
//
//   listener        "tcp:7000", or owner and count for a port the kernel chose, or "unix:PATH"
//   connection      listener + "#" + how-manieth connect to it
//   stream          connection + ">" (from the side that connected) or "<"
//
// Offsets count from the start of the stream. TCP tells totals itself; of pipes and unix sockets
// what was written is counted here and what is unread is asked.
#pragma once
#include "core/model/address.h"
#include "core/model/ids.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fb {

// One end of a connection, seen through a descriptor of ours.
struct StreamEnd {
  std::string incoming, outgoing;  // canonical names of the two streams
  uint64_t head = 0;               // next byte to be read here
  uint64_t unread = 0;             // bytes in the queue
  uint64_t tail = 0;               // next byte to be written here
};

class Connections {
 public:
  // --- progress of everybody, services and driver: time passes only when nobody can go on, so
  // whatever a timeout allows comes after all that went before it.
  uint64_t operations() const { return operations_; }
  void operation_goes() { ++operations_; }
  // The explored scope begins, and everything is at rest: counts that depend on how long the start
  // took (readiness probes, timers) start anew.
  void mark();
  // How often that was.
  uint64_t marks() const { return marks_; }

  // --- listeners
  // bind() of a port the service chose itself.
  void bound(const Address& address);
  // listen(): a port the kernel chose is named after its owner.
  void listening(const Address& address, std::string_view owner);
  std::string listener_at(const Address& address) const;
  // Places in its queue: of the next connect, and of the next accept.
  uint64_t connects(const std::string& listener) const;
  uint64_t accepts(const std::string& listener) const;
  void accepting(const std::string& listener);

  // --- connections
  // A connect that is let go takes the next place. `socket`: inode of the connecting socket.
  void connecting(const std::string& listener, const Address& to, uint64_t socket);
  // Sockets whose connect was let go and whose addresses are not known yet.
  bool is_pending(uint64_t socket) const { return pending_.contains(socket); }
  void connected(uint64_t socket, const Address& local);
  void forget_pending(uint64_t socket) { pending_.erase(socket); }

  // The end behind a descriptor of ours. Empty: not a connected stream socket. Connections of
  // clients that are not controlled are named by first sight.
  std::optional<StreamEnd> look(int fd, uint64_t socket);
  // The two ends of a socket pair.
  void paired(const std::string& name, uint64_t first, uint64_t second);

  // --- streams without totals of their own (pipes, unix sockets)
  uint64_t tail(const std::string& stream) const;
  void wrote(const std::string& stream, uint64_t bytes) { written_[stream] += bytes; }
  // Offset of the next unread byte when `unread` bytes are queued.
  uint64_t head(const std::string& stream, uint64_t unread);

 private:
  struct Listener {
    uint64_t connects = 0;
    uint64_t accepts = 0;
    uint64_t named = 0;                  // connects of controlled clients, since the beginning
    std::vector<std::string> unclaimed;  // unix connections no accepted socket was seen of yet
  };
  struct End {
    std::string connection;
    bool is_client = false;
  };
  struct Pending {
    std::string connection;
    Address to;
  };
  End end_of(uint64_t socket, const Address& local, const Address& peer);

  std::map<std::string, Listener, std::less<>> listeners_;
  std::map<uint16_t, std::string> named_ports_;      // explicit or seen; others are the kernel's
  std::map<uint64_t, Pending> pending_;              // by connecting socket
  std::map<std::string, End, std::less<>> by_ends_;  // "LOCAL PEER" of either end
  std::map<uint64_t, End> by_socket_;                // unix sockets and pairs
  std::map<std::string, uint64_t, std::less<>> written_;
  std::map<std::string, uint32_t, std::less<>> owned_;  // ports of the kernel's choice per owner
  uint64_t strangers_ = 0;
  uint64_t operations_ = 0;
  uint64_t marks_ = 0;
};

}  // namespace fb
