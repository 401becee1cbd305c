// Datagrams on their way: which send a datagram at the head of a receiving queue came from. Matched
// by what both sides know of it, destination, contents and (where it is known) source, oldest
// first; a datagram that the kernel lost is passed over.
#pragma once
#include "core/model/address.h"
#include "core/model/footprint.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>

namespace fb {

struct Datagram {
  Address to;
  std::optional<Address> from;  // empty: not bound yet when it was sent
  uint64_t contents = 0;        // hash
  uint64_t length = 0;
};

class DatagramsOnTheirWay {
 public:
  // About to be sent: the object that stands for it.
  ObjectKey sent(Datagram datagram);
  // At the head of the queue of a socket bound to `at`: the object of the send it came from. Empty:
  // its sender is not followed. It stays until taken().
  std::optional<ObjectKey> find(const Address& at, const Datagram& received) const;
  void taken(ObjectKey object);

 private:
  static constexpr size_t kMost = 4096;  // older ones count as lost
  struct Sent {
    ObjectKey object;
    Datagram datagram;
  };
  std::deque<Sent> sent_;
  uint64_t next_ = 0;
};

uint64_t hash_of(std::span<const std::byte> bytes);

}  // namespace fb
