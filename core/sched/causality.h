// Who learned what from whom: the arrows of spec §17.3, computed from the footprints of executed
// operations. A read of an object, or the need of something another has provided, merges the clocks
// of the writes it overlaps; nothing else makes an arrow. The passing of time, which is an order of
// the schedule and no message, makes none.
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
  // of the events of other hosts it directly learned from, ascending.
  std::vector<uint64_t> learn(ServiceId service, const Footprint& footprint);
  // After it: what later readers of the written objects will learn. `seq` is the operation's event;
  // 0: it is not recorded, and the last event of its host stands for it.
  void publish(ServiceId service, const Footprint& footprint, uint64_t seq);
  // Both, for what has no event of its own: the next event of the host has the causes.
  void pass(ServiceId service, const Footprint& footprint);

 private:
  struct Written {
    uint64_t low, high;
    ServiceId by;
    uint64_t seq;
    VectorClock clock;
  };
  static void hide(std::vector<Written>& writes, uint64_t low, uint64_t high);
  template <class Learned>
  void each_source(ServiceId service, const Footprint& footprint, Learned learned);

  EventLog& log_;
  std::unordered_map<uint64_t, std::vector<Written>>
      writes_;  // by object; only looked up, never iterated
};

}  // namespace fb
