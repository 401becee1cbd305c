// Vector clocks over host positions (services by ServiceId, the driver last). Sparse and small:
// every event keeps one.
#pragma once
#include "core/base/thin_vector.h"

#include <cstdint>
#include <span>
#include <utility>

namespace fb {

// A host of the space-time diagram: a service's position, or the driver.
using HostIndex = uint16_t;

class VectorClock {
 public:
  // What one component can count to.
  static constexpr uint64_t kMaxCount = (uint64_t{1} << 48) - 1;

  uint64_t at(HostIndex host) const;
  void tick(HostIndex host);
  void merge(const VectorClock& other);  // component-wise maximum
  // Happened before or equal: every component of *this is at most the other's.
  bool covered_by(const VectorClock& other) const;
  bool operator==(const VectorClock&) const = default;

  // Sorted by host; no zero entries. Values, not references; valid until the clock changes.
  class Entries {
   public:
    class Iterator {
     public:
      using value_type = std::pair<HostIndex, uint64_t>;
      using difference_type = std::ptrdiff_t;
      Iterator() = default;
      explicit Iterator(const uint64_t* at) : at_(at) {}
      value_type operator*() const { return {host_of(*at_), count_of(*at_)}; }
      Iterator& operator++() {
        ++at_;
        return *this;
      }
      Iterator operator++(int) { return Iterator(at_++); }
      bool operator==(const Iterator&) const = default;

     private:
      const uint64_t* at_ = nullptr;
    };
    explicit Entries(std::span<const uint64_t> packed) : packed_(packed) {}
    Iterator begin() const { return Iterator(packed_.data()); }
    Iterator end() const { return Iterator(packed_.data() + packed_.size()); }
    size_t size() const { return packed_.size(); }
    bool empty() const { return packed_.empty(); }

   private:
    std::span<const uint64_t> packed_;
  };
  Entries entries() const { return Entries(packed_.view()); }

  // For readers: hosts come strictly ascending, no count is 0 or above kMaxCount.
  void append_entry(HostIndex host, uint64_t count) { packed_.push_back(pack(host, count)); }

 private:
  static constexpr int kCountBits = 48;
  static constexpr uint64_t pack(HostIndex host, uint64_t count) {
    return uint64_t{host} << kCountBits | count;
  }
  static constexpr HostIndex host_of(uint64_t packed) {
    return static_cast<HostIndex>(packed >> kCountBits);
  }
  static constexpr uint64_t count_of(uint64_t packed) { return packed & kMaxCount; }

  // Host above count, so that entries of one host compare like their counts.
  ThinVector<uint64_t> packed_;
};

}  // namespace fb
