// What the launcher and whoever supervises system calls agree on. The launcher forks and execs and
// knows nothing of filters; the supervisor compiles and installs them and knows nothing of
// processes' births.
//
//   parent                         child (about to exec)
//   plan(spec, handoff fd)
//   fork ------------------------> enter_schedule()          only if spec.controlled
//                                  install_and_send(handoff fd)
//   listener_arrived(fd) <-------- SCM_RIGHTS                one byte with one descriptor
//                                  execve                    handoff fd is CLOEXEC: its end is seen
//
// Between filter and exec the child makes no other call than one sendmsg on the handoff fd, which
// always has the number the plan was told: a filter that traps sendmsg must let that descriptor
// pass (the supervisor does not answer before it has the listener). The launcher needs no
// acknowledgement and makes no call but execve after install_and_send.
#pragma once
#include "core/base/result.h"
#include "core/runtime/launcher.h"
#include "interpose/sys/fd.h"

#include <memory>

namespace fb {

// For one launch. Outlives it.
class FilterPlan {
 public:
  virtual ~FilterPlan() = default;
  // In the child, first: scheduling class and whatever else a controlled thread needs. The
  // launcher has already switched address randomisation off and left the child on the core of the
  // parent. Async-signal-safe; 0 or an errno.
  virtual int enter_schedule() = 0;
  // In the child, last before execve. Async-signal-safe; 0 or an errno.
  virtual int install_and_send(int handoff_fd) = 0;
  // In the parent, from the loop. `pid` is the main process as the parent sees it.
  virtual void listener_arrived(int pid, Fd listener) = 0;
};

class FilterPlanner {
 public:
  virtual ~FilterPlanner() = default;
  // Empty: this launch needs neither filter nor schedule.
  virtual Result<std::unique_ptr<FilterPlan>> plan(const LaunchSpec& spec, int handoff_fd) = 0;
};

}  // namespace fb
