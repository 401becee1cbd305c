#include "core/model/vector_clock.h"

#include <algorithm>

namespace fb {

namespace {

using Entry = std::pair<HostIndex, uint64_t>;

}  // namespace

uint64_t VectorClock::at(HostIndex host) const {
  const auto entry = std::ranges::lower_bound(entries_, host, {}, &Entry::first);
  return entry != entries_.end() && entry->first == host ? entry->second : 0;
}

void VectorClock::tick(HostIndex host) {
  const auto entry = std::ranges::lower_bound(entries_, host, {}, &Entry::first);
  if (entry != entries_.end() && entry->first == host) {
    ++entry->second;
  } else {
    entries_.insert(entry, {host, 1});
  }
}

void VectorClock::merge(const VectorClock& other) {
  // Most merges bring no new host: raise in place, and note whether that was all.
  auto mine = entries_.begin();
  bool new_host = false;
  for (const Entry& theirs : other.entries_) {
    while (mine != entries_.end() && mine->first < theirs.first) ++mine;
    if (mine != entries_.end() && mine->first == theirs.first) {
      mine->second = std::max(mine->second, theirs.second);
    } else {
      new_host = true;
    }
  }
  if (!new_host) return;

  std::vector<Entry> merged;
  merged.reserve(entries_.size() + other.entries_.size());
  std::ranges::set_union(entries_, other.entries_, std::back_inserter(merged), {}, &Entry::first,
                         &Entry::first);
  entries_ = std::move(merged);
}

bool VectorClock::covered_by(const VectorClock& other) const {
  auto theirs = other.entries_.begin();
  for (const Entry& mine : entries_) {
    while (theirs != other.entries_.end() && theirs->first < mine.first) ++theirs;
    if (theirs == other.entries_.end() || theirs->first != mine.first ||
        theirs->second < mine.second) {
      return false;
    }
  }
  return true;
}

}  // namespace fb
