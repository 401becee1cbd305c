// The main process of a service between fork and exec. Everything it needs has been prepared before
// the fork; from the fork on only system calls are made, and between filter and exec only execve.
#pragma once
#include "interpose/process/filter_plan.h"

#include <sched.h>

namespace fb {

// In a page shared with the launcher, because a filtered process may not be able to say anything:
// where it failed and why.
struct BirthReport {
  enum Step : int {
    kNone,
    kFork,
    kDescriptors,
    kDirectory,
    kSchedule,
    kFilter,
    kExec,
  };
  volatile int step = kNone;
  volatile int error_number = 0;
  volatile int users_error = 0;  // why there is no user namespace, or 0
};

struct MainProcess {
  const char* binary = nullptr;
  char* const* argv = nullptr;
  char* const* envp = nullptr;
  const char* cwd = nullptr;  // empty: stay
  bool pass_stdio = false;    // stays on descriptors 0 to 2 and in its session
  int null = -1, out = -1, err = -1, handoff = -1;
  int handoff_number = -1;  // what the filter plan was told
  bool controlled = false;
  cpu_set_t cpus{};
  FilterPlan* plan = nullptr;  // may be empty
  BirthReport* report = nullptr;
};

[[noreturn]] void become_main_process(const MainProcess& main);

}  // namespace fb
