#include "interpose/process/init_process.h"

#include "interpose/process/process_tree.h"
#include "interpose/sys/posix.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
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
  long fork_main(int& pidfd);
  int write_maps(long pid);
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
    if (fd < 0) continue;
    const auto number = static_cast<unsigned>(fd);
    if (number > from) ::close_range(from, number - 1, 0);
    from = std::max(from, number + 1);
  }
  ::close_range(from, UINT_MAX, 0);
}

// The numbers of users and groups in the namespace of the new process. It waits for a word of the
// launcher before it does anything, and the launcher for ours.
int Init::write_maps(long pid) {
  for (const bool groups : {false, true}) {
    char path[64];
    std::snprintf(path, sizeof path, "/proc/%ld/%s", pid, groups ? "gid_map" : "uid_map");
    const char* map = groups ? init_.group_map : init_.user_map;
    const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return errno;
    const bool written = ::write(fd, map, std::strlen(map)) >= 0;
    const int error_number = written ? 0 : errno;
    ::close(fd);
    if (error_number != 0) return error_number;
  }
  return 0;
}

// 0 in the child, -1 and errno if it failed.
long Init::fork_main(int& pidfd) {
  clone_args args{};
  args.pidfd = reinterpret_cast<uintptr_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  if (init_.user_map != nullptr) {
    args.flags = CLONE_PIDFD | CLONE_NEWUSER;
    const long pid = ::syscall(SYS_clone3, &args, sizeof args);
    if (pid == 0) return pid;
    const int error_number = pid < 0 ? errno : write_maps(pid);
    if (error_number == 0) return pid;
    init_.main.report->users_error = error_number;
    if (pid > 0) {
      ::kill(static_cast<pid_t>(pid), SIGKILL);
      ::waitpid(static_cast<pid_t>(pid), nullptr, __WALL);
      ::close(pidfd);
    }
  }
  args.flags = CLONE_PIDFD;
  return ::syscall(SYS_clone3, &args, sizeof args);
}

void Init::start_main() {
  int pidfd = -1;
  const long pid = fork_main(pidfd);
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
    if (fd >= 0) ::close(fd);
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
  if (!init_.main.pass_stdio) ::setsid();
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
