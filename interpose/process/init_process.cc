#include "interpose/process/init_process.h"

#include "interpose/process/process_tree.h"
#include "interpose/sys/posix.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <span>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fb {
namespace {

class Init {
 public:
  explicit Init(const InitProcess& init) : init_(init) {}
  [[noreturn]] void run();

 private:
  void shed_inheritance();
  void start_main();
  void reap();
  void obey();
  [[noreturn]] void end_all();
  int signal_all(int signal);
  void tell(InitEvent event, int fd);

  const InitProcess& init_;
  pid_t main_ = -1;
};

// Descriptors of the launcher (its sockets to other services above all) must not live on in here:
// their other ends would never see them closed.
void Init::shed_inheritance() {
  std::array keep{init_.commands, init_.events,   init_.main.null,
                  init_.main.out, init_.main.err, init_.main.handoff};
  std::sort(keep.begin(), keep.end());
  unsigned from = 3;
  for (const int fd : keep) {
    const auto number = static_cast<unsigned>(fd);
    if (number > from) ::close_range(from, number - 1, 0);
    from = std::max(from, number + 1);
  }
  ::close_range(from, UINT_MAX, 0);
}

void Init::start_main() {
  int pidfd = -1;
  clone_args args{};
  args.flags = CLONE_PIDFD;
  args.pidfd = reinterpret_cast<uintptr_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  const long pid = ::syscall(SYS_clone3, &args, sizeof args);
  if (pid == 0) {
    // Without a namespace nothing else would end it if this process were killed.
    if (!init_.pid_namespace) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    become_main_process(init_.main);
  }
  if (pid < 0) {
    init_.main.report->error_number = errno;
    init_.main.report->step = BirthReport::kFork;
    ::_exit(1);
  }
  main_ = static_cast<pid_t>(pid);
  // Its pipes are the service's alone from now on, and no terminal is kept open by us.
  for (const int fd : {0, 1, 2}) ::dup2(init_.main.null, fd);
  for (const int fd : {init_.main.null, init_.main.out, init_.main.err, init_.main.handoff})
    ::close(fd);
  tell({InitEvent::kStarted, 0}, pidfd);
  ::close(pidfd);
}

void Init::tell(InitEvent event, int fd) {
  posix::send_with_fd(init_.events, std::as_bytes(std::span(&event, 1)), fd);
}

void Init::reap() {
  while (true) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, WNOHANG | __WALL);
    if (pid > 0 && pid == main_) tell({InitEvent::kExited, status}, -1);
    if (pid > 0) continue;
    if (pid < 0 && errno == ECHILD) ::_exit(0);  // nothing is left
    return;
  }
}

int Init::signal_all(int signal) {
  // To everything in the namespace but ourselves, in one step that no fork slips through.
  if (init_.pid_namespace) return ::kill(-1, signal) == 0 ? 1 : -errno;
  int count = signal_descendants(::getpid(), signal);
  // What was forked meanwhile must not escape a stop or a kill.
  if (signal == SIGKILL || signal == SIGSTOP) {
    for (int seen = -1; count > seen;) {
      seen = count;
      count = std::max(count, signal_descendants(::getpid(), signal));
    }
  }
  return count > 0 ? count : -ESRCH;
}

void Init::end_all() {
  if (init_.pid_namespace) ::_exit(0);  // the kernel ends the rest
  sigset_t child;
  ::sigemptyset(&child);
  ::sigaddset(&child, SIGCHLD);
  while (true) {
    signal_descendants(::getpid(), SIGKILL);
    pid_t pid = 0;
    while ((pid = ::waitpid(-1, nullptr, WNOHANG | __WALL)) > 0) continue;
    if (pid < 0 && errno == ECHILD) ::_exit(0);
    // The limit is for what was forked behind our back and dies of no signal of ours yet.
    const timespec limit{0, 10'000'000};
    ::sigtimedwait(&child, nullptr, &limit);
  }
}

void Init::obey() {
  int32_t signal = 0;
  const ssize_t n = ::recv(init_.commands, &signal, sizeof signal, 0);
  if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) end_all();  // the launcher is gone
  if (n != sizeof signal) return;
  const int32_t answer = signal_all(signal);
  ::send(init_.commands, &answer, sizeof answer, MSG_NOSIGNAL);
}

void Init::run() {
  ::prctl(PR_SET_NAME, "faultbox-init");
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  ::setsid();
  if (init_.pid_namespace) {
    // The end of the launcher is also seen on `commands`, but this works even if we are stopped.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    // Private first: the new /proc must not show up outside. If it cannot be mounted (a user
    // namespace where /proc is partly covered), the one of the launcher stays.
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0)
      ::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
  } else {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  }
  shed_inheritance();
  start_main();

  sigset_t child;
  ::sigemptyset(&child);
  ::sigaddset(&child, SIGCHLD);
  const int signals = ::signalfd(-1, &child, SFD_NONBLOCK | SFD_CLOEXEC);
  std::array<pollfd, 2> polled{pollfd{signals, POLLIN, 0}, pollfd{init_.commands, POLLIN, 0}};
  reap();  // it may have ended before the signalfd was there
  while (true) {
    if (::poll(polled.data(), polled.size(), -1) < 0) continue;
    if (polled[0].revents != 0) {
      signalfd_siginfo info;
      while (::read(signals, &info, sizeof info) > 0) continue;
      reap();
    }
    if (polled[1].revents != 0) obey();
  }
}

}  // namespace

void run_init(const InitProcess& init) {
  Init(init).run();
}

}  // namespace fb
