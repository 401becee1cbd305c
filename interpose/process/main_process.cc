#include "interpose/process/main_process.h"

#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <signal.h>
#include <sys/personality.h>
#include <unistd.h>

namespace fb {
namespace {

[[noreturn]] void give_up(const MainProcess& main, BirthReport::Step step, int error_number) {
  main.report->error_number = error_number;
  main.report->step = step;
  ::_exit(127);
}

// Handlers do not survive exec, but ignored signals do, and so does the mask.
void reset_signals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int signal = 1; signal < _NSIG; ++signal) ::sigaction(signal, &action, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

int arrange_descriptors(const MainProcess& main) {
  if (!main.pass_stdio &&
      (::dup2(main.null, 0) < 0 || ::dup2(main.out, 1) < 0 || ::dup2(main.err, 2) < 0))
    return errno;
  if (main.handoff != main.handoff_number &&
      ::dup3(main.handoff, main.handoff_number, O_CLOEXEC) < 0)
    return errno;
  const auto number = static_cast<unsigned>(main.handoff_number);
  if (::close_range(3, number - 1, 0) != 0 || ::close_range(number + 1, UINT_MAX, 0) != 0)
    return errno;
  return 0;
}

int enter_schedule(const MainProcess& main) {
  if (::sched_setaffinity(0, sizeof main.cpus, &main.cpus) != 0) return errno;
  if (main.controlled) {
    const int persona = ::personality(0xffffffff);
    if (persona < 0 || ::personality(static_cast<unsigned>(persona) | ADDR_NO_RANDOMIZE) < 0)
      return errno;
    return main.plan != nullptr ? main.plan->enter_schedule() : 0;
  }
  // The class of the supervisor, if it has a special one, is not the service's.
  if (::sched_getscheduler(0) == SCHED_OTHER) return 0;
  const sched_param none{};
  return ::sched_setscheduler(0, SCHED_OTHER, &none) == 0 ? 0 : errno;
}

}  // namespace

void become_main_process(const MainProcess& main) {
  if (!main.pass_stdio) ::setsid();
  if (const int error = arrange_descriptors(main)) give_up(main, BirthReport::kDescriptors, error);
  // Not before the launcher knows the pid: of a process that has ended it could not be told.
  char go = 0;
  if (::read(main.handoff_number, &go, 1) != 1) ::_exit(127);
  if (main.cwd[0] != '\0' && ::chdir(main.cwd) != 0) give_up(main, BirthReport::kDirectory, errno);
  if (const int error = enter_schedule(main)) give_up(main, BirthReport::kSchedule, error);
  reset_signals();
  if (main.plan != nullptr) {
    if (const int error = main.plan->install_and_send(main.handoff_number))
      give_up(main, BirthReport::kFilter, error);
  }
  ::execve(main.binary, main.argv, main.envp);
  give_up(main, BirthReport::kExec, errno);
}

}  // namespace fb
