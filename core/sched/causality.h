// Who learned what from whom: the arrows of spec §17.3, computed from the footprints of executed
// operations. A read of an object merges the clocks of the writes it overlaps; nothing else makes
// an arrow.
#pragma once
#include "core/model/footprint.h"
#include "core/model/vector_clock.h"
#include "core/trace/event_log.h"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace fb {

class Causality {
 public:
  explicit Causality(EventLog& log) : log_(log) {}

  // Before the operation's event is appended: merges into its host what it learns; returns the seqs
  // of the recorded operations of other hosts it directly learned from, ascending.
  std::vector<uint64_t> learn(ServiceId service, const Footprint& footprint);
  // After it: what later readers of the written objects will learn. `seq` 0: the operation is not
  // recorded.
  void publish(ServiceId service, const Footprint& footprint, uint64_t seq);

 private:
  struct Written {
    uint64_t low, high;
    ServiceId by;
    uint64_t seq;
    VectorClock clock;
  };
  EventLog& log_;
  std::unordered_map<uint64_t, std::vector<Written>>
      writes_;  // by object; only looked up, never iterated
};

}  // namespace fb
