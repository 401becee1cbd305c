// Vector clocks over host positions (services by ServiceId, the driver last). Sparse and small.
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

namespace fb {

// A host of the space-time diagram: a service's position, or the driver.
using HostIndex = uint16_t;

class VectorClock {
 public:
  uint64_t at(HostIndex host) const;
  void tick(HostIndex host);
  void merge(const VectorClock& other);  // component-wise maximum
  // Happened before or equal: every component of *this is at most the other's.
  bool covered_by(const VectorClock& other) const;
  bool operator==(const VectorClock&) const = default;
  // Sorted by host; no zero entries.
  const std::vector<std::pair<HostIndex, uint64_t>>& entries() const { return entries_; }
  // The clock with these entries: strictly ascending by host, none zero.
  static VectorClock from_entries(std::vector<std::pair<HostIndex, uint64_t>> entries) {
    VectorClock clock;
    clock.entries_ = std::move(entries);
    return clock;
  }

 private:
  std::vector<std::pair<HostIndex, uint64_t>> entries_;
};

}  // namespace fb
