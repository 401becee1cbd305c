#include "core/model/vector_clock.h"

#include "core/base/check.h"

#include <algorithm>

namespace fb {

uint64_t VectorClock::at(HostIndex host) const {
  const auto* entry = std::lower_bound(packed_.begin(), packed_.end(), pack(host, 0));
  return entry != packed_.end() && host_of(*entry) == host ? count_of(*entry) : 0;
}

void VectorClock::tick(HostIndex host) {
  auto* entry = std::lower_bound(packed_.begin(), packed_.end(), pack(host, 0));
  if (entry != packed_.end() && host_of(*entry) == host) {
    FB_CHECK(count_of(*entry) < kMaxCount);
    ++*entry;
  } else {
    packed_.insert(entry, pack(host, 1));
  }
}

void VectorClock::merge(const VectorClock& other) {
  // Most merges bring no new host: raise in place, and note whether that was all.
  uint64_t* mine = packed_.begin();
  size_t new_hosts = 0;
  for (const uint64_t theirs : other.packed_) {
    while (mine != packed_.end() && host_of(*mine) < host_of(theirs)) ++mine;
    if (mine != packed_.end() && host_of(*mine) == host_of(theirs)) {
      *mine = std::max(*mine, theirs);
    } else {
      ++new_hosts;
    }
  }
  if (new_hosts == 0) return;

  ThinVector<uint64_t> merged;
  merged.reserve(packed_.size() + new_hosts);
  const uint64_t* own = packed_.begin();
  for (const uint64_t theirs : other.packed_) {
    while (own != packed_.end() && host_of(*own) < host_of(theirs)) merged.push_back(*own++);
    const bool both = own != packed_.end() && host_of(*own) == host_of(theirs);
    merged.push_back(both ? *own++ : theirs);
  }
  while (own != packed_.end()) merged.push_back(*own++);
  packed_ = std::move(merged);
}

bool VectorClock::covered_by(const VectorClock& other) const {
  const uint64_t* theirs = other.packed_.begin();
  for (const uint64_t mine : packed_) {
    while (theirs != other.packed_.end() && host_of(*theirs) < host_of(mine)) ++theirs;
    if (theirs == other.packed_.end() || host_of(*theirs) != host_of(mine) || *theirs < mine)
      return false;
  }
  return true;
}

}  // namespace fb
