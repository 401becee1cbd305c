// When is it quiet? Answered from the kernel's own state, never from a window of time.
//
//  real-time  Supervisor and services share one core; services run in a class above the
//             supervisor's. Then the supervisor runs only when no service thread can: that it runs
//             at all is the proof, but for threads that wait for a disk, which are looked for.
//  two-pass   Without that permission: two passes over the states and run counters of all live
//             threads that find the same, all asleep. (One pass is not enough: A wakes B after A
//             was read asleep and before B is.)
//
// Around either: what is on its way through the loopback device has arrived (softirq_barrier.h),
// whatever arrived is taken in, and calls that wait only inside their own process go on, one at a
// time, until nothing more happens by itself.
#pragma once
#include "core/base/time.h"
#include "core/sched/quiescence.h"
#include "interpose/footprint/service_model.h"
#include "interpose/quiescence/softirq_barrier.h"
#include "interpose/quiescence/thread_states.h"
#include "interpose/seccomp/supervisor.h"

#include <functional>
#include <sched.h>
#include <string>
#include <vector>

namespace fb {

class KernelQuiescence final : public Quiescence {
 public:
  struct Options {
    bool want_realtime = true;
    // How much processor time a thread may use without a system call before it is called a
    // runaway.
    Duration spin_limit = std::chrono::seconds(10);
    // A thread's name in messages.
    std::function<std::string(ActorId)> name;
  };
  // `supervisor` and `model` outlive it. Changes the scheduling of this process; the destructor
  // restores it.
  KernelQuiescence(Supervisor& supervisor, ServiceModel& model, Options options);
  ~KernelQuiescence() override;
  KernelQuiescence(const KernelQuiescence&) = delete;
  KernelQuiescence& operator=(const KernelQuiescence&) = delete;

  Status settle() override;
  // Services must be launched accordingly (SeccompPlanner::Options::realtime).
  bool realtime() const { return realtime_; }

 private:
  std::vector<ThreadState> pass(bool counters);
  bool quiet_now();
  Status check_runaways(const std::vector<ThreadState>& start);
  void enter_realtime();

  Supervisor& supervisor_;
  ServiceModel& model_;
  Options options_;
  ThreadStates states_;
  Result<SoftirqBarrier> barrier_;  // an error where there is no network to wait for
  bool realtime_ = false;
  int old_policy_ = 0;
  sched_param old_param_{};
  cpu_set_t old_cpus_{};
};

}  // namespace fb
