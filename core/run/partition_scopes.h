// Opening and closing partitions in one execution (spec §11.1): the set that decides, the sockets
// that are cut, and the two events in the log.
#pragma once
#include "core/base/result.h"
#include "core/runtime/network_cut.h"
#include "core/sched/clock.h"
#include "core/sched/rule_set.h"
#include "core/sched/scheduler.h"
#include "core/trace/event_log.h"

#include <cstdint>

namespace fb {

struct PartitionWish {
  ServiceId a, b;
  PartitionDirection direction = PartitionDirection::kBoth;
  PartitionMode mode = PartitionMode::kRefuse;
};

class PartitionScopes {
 public:
  // Without a `cut` every opening is an error.
  struct Surroundings {
    const Topology& topology;
    EventLog& log;
    Clock& clock;
    RuleSets& rules;
    Scheduler& scheduler;
    NetworkCut* cut = nullptr;
  };
  explicit PartitionScopes(const Surroundings& surroundings);

  // Error: not between these two, or not where order is controlled.
  Result<uint64_t> open(const PartitionWish& wish, bool stoppable);
  Status close(uint64_t partition);
  // partition_stop: closes all stoppable partitions of the pair.
  Status stop(ServiceId a, ServiceId b);
  // The test is over: heals without a word.
  void end();

 private:
  void log(EventType type, const Partition& partition);

  Surroundings around_;
};

}  // namespace fb
