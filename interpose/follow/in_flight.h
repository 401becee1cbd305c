// Calls that have been answered and may still be under way in the kernel. Order is free, so several
// are at once; the effect of one is not read by another before it is known to be there. A call is
// over when its thread asks for the next, when the kernel shows the thread in another call or
// asleep, or when its effect can be seen.
#pragma once
#include "core/base/time.h"
#include "core/model/footprint.h"
#include "core/model/ids.h"
#include "interpose/seccomp/threads.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

namespace fb {

class CallsInFlight {
 public:
  struct Call {
    std::shared_ptr<SupervisedThread> thread;
    ServiceId service;
    int number = 0;              // of the system call
    Footprint guard;             // what must not be looked at meanwhile
    bool stream = false;         // of a byte stream: threads of one service clash too
    std::function<bool()> done;  // its effect is there; empty: cannot be seen
    Instant since{};
    uint64_t ran_before = 0;  // processor time of the thread when it was answered, ns
  };
  void begins(Call call, Instant now);
  void ends(int tid) { calls_.erase(tid); }
  // Whether a call of another service (or of the same stream) that `guard` clashes with is still
  // under way. What is found to be over is forgotten.
  bool clashes(int tid, ServiceId service, bool stream, const Footprint& guard, Instant now);

 private:
  static bool is_over(const Call& call, Instant now);
  std::map<int, Call> calls_;  // by tid
};

}  // namespace fb
