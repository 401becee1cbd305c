// The threads of all supervised services: who a tid is, as an ActorId that is the same in every
// execution. Processes of a service are numbered from 0 in the order in which they are first seen
// (0 is the main process); so are the threads of a process, the first thread being 0 whenever it
// comes. Where order is controlled at most one clone or fork happens between two decisions, so the
// numbers are a function of the schedule alone. Numbers are never used twice.
#pragma once
#include "core/model/ids.h"
#include "interpose/decode/target.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace fb {

struct SupervisedThread {
  Target target;
  ActorId actor;
  uint64_t last_use = 0;   // of the table
  int64_t checked_ms = 0;  // when it was last known to be alive
};

class ThreadTable {
 public:
  // The thread that has a notification waiting right now. Null: it died meanwhile.
  std::shared_ptr<SupervisedThread> find(ServiceId service, int tid);
  // Forgets numbers and handles of a process that has ended.
  void forget_process(ServiceId service, int tgid);
  // Who the thread is, if it was seen before.
  std::optional<ActorId> actor(int tid) const;
  // tgids known for the service, ascending.
  std::vector<int> processes(ServiceId service) const;

 private:
  struct Process {
    uint32_t ordinal = 0;
    uint32_t next_thread = 1;
    std::map<int, uint32_t> threads;  // tid → ordinal
  };
  struct Service {
    uint32_t next_process = 0;
    std::map<int, Process> processes;  // by tgid
  };
  void make_room();

  std::map<ServiceId, Service> services_;
  std::map<int, std::shared_ptr<SupervisedThread>> threads_;  // by tid; handles of recent ones
  uint64_t use_ = 0;
};

}  // namespace fb
