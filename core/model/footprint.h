// Which objects an operation touches, and how: the input of the dependence relation.
// Two operations of different actors are dependent iff some pair of their accesses clashes. What
// cannot be told is an access to kEverything. The table of which call makes which access is
// interpose/footprint.
#pragma once
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace fb {

// Canonical name of an object (file, queue, lock, directory entry…), hashed with xxh3-64: equal in
// every execution in which the object came to be in the same way. Never an inode, port, pid or
// address.
struct ObjectKey {
  uint64_t value = 0;
  auto operator<=>(const ObjectKey&) const = default;
};
ObjectKey object_key(std::string_view canonical_name);

enum class AccessMode : uint8_t {
  kRead,
  kWrite,
  kAdd,  // commutes with other kAdd of the same object (entry made in a directory, eventfd write)
};

struct Access {
  ObjectKey object;
  AccessMode mode = AccessMode::kRead;
  // Half-open range [low, high) inside the object: bytes of a file, bytes of a stream, places in a
  // queue.
  uint64_t low = 0;
  uint64_t high = std::numeric_limits<uint64_t>::max();

  auto operator<=>(const Access&) const = default;
};

inline constexpr uint64_t kToEnd = std::numeric_limits<uint64_t>::max();
inline constexpr ObjectKey kEverything{0};

bool clash(const Access& a, const Access& b);

struct Footprint {
  std::vector<Access> accesses;
  // Order edges that are no races. What the operation makes available for others to go on (the
  // release of a lock, bytes put into a pipe, the exit of a child), and what it has to find so as
  // not to block. An operation whose needs overlap what another provides could not have gone before
  // it. Both come besides `accesses`; `provides` only where it did block others: a second token put
  // into a counter that was not empty provides nothing. Of what several provide with kAdd any one
  // suffices; of everything else all are needed.
  std::vector<Access> provides;
  std::vector<Access> needs;
  bool conservative = false;  // holds an access that stands for "unknown"

  bool operator==(const Footprint&) const = default;

  void read(ObjectKey object, uint64_t low = 0, uint64_t high = kToEnd) {
    accesses.push_back({object, AccessMode::kRead, low, high});
  }
  void write(ObjectKey object, uint64_t low = 0, uint64_t high = kToEnd) {
    accesses.push_back({object, AccessMode::kWrite, low, high});
  }
  void add(ObjectKey object) { accesses.push_back({object, AccessMode::kAdd, 0, kToEnd}); }
  void everything() {
    write(kEverything);
    conservative = true;
  }
};

// True iff some access of `a` clashes with one of `b` (an access to kEverything clashes with all).
bool dependent(const Footprint& a, const Footprint& b);

}  // namespace fb
