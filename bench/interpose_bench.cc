// What an intercepted call costs: the bare notification round trip (receive, continue) and the
// whole way (receive, decode, submit, rules, event, answer), on the same core, by the same guest,
// in processor time of both sides: on a shared machine wall time measures the neighbours. The
// figure to look at is the ratio of the two in one run. Beside it the same fault by strace, and the
// calls that the filter lets pass, against an empty filter: interpose_bench GUEST [CALLS].
#include "core/sched/scheduler.h"
#include "interpose/seccomp/filter.h"
#include "interpose/seccomp/kernel.h"
#include "interpose/seccomp/planner.h"
#include "interpose/seccomp/supervisor.h"
#include "interpose/sys/posix.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/filter.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace fb {
namespace {

// Of this process and the guests that have ended.
double processor_us() {
  double total = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    for (const timeval& t : {usage.ru_utime, usage.ru_stime})
      total += static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  }
  return total;
}

struct Guest {
  int pid = -1;
  Fd listener;
  std::unique_ptr<FilterPlan> plan;
};

// Keeps the listener for the bench instead of handing it to a supervisor.
Guest start(SeccompPlanner& planner, const LaunchSpec& spec, const char* guest, const char* calls) {
  std::array<int, 2> channel{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel.data()) != 0) std::abort();
  Guest g;
  g.plan = planner.plan(spec, channel[1]).value();
  g.pid = fork();
  if (g.pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (g.plan->install_and_send(channel[1]) != 0) _exit(126);
    execl(guest, "calls", "writes", "/dev/shm/faultbox-bench", calls, nullptr);
    _exit(127);
  }
  close(channel[1]);
  std::array<std::byte, 1> byte;
  g.listener = std::move(posix::receive_with_fd(channel[0], byte).value().fd);
  close(channel[0]);
  return g;
}

// The floor: the two ioctls, nothing else.
double bare_us(SeccompPlanner& planner, const LaunchSpec& spec, const char* guest,
               const char* calls) {
  const double begin = processor_us();
  Guest g = start(planner, spec, guest, calls);
  ioctl(g.listener.get(), SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
  uint64_t count = 0;
  for (;;) {
    seccomp_notif request{};
    if (ioctl(g.listener.get(), SECCOMP_IOCTL_NOTIF_RECV, &request) != 0) break;
    seccomp_notif_resp answer{request.id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    ioctl(g.listener.get(), SECCOMP_IOCTL_NOTIF_SEND, &answer);
    ++count;
  }
  waitpid(g.pid, nullptr, 0);
  return (processor_us() - begin) / static_cast<double>(count);
}

// By strace, as people use it.
double strace_us(const char* guest, const char* calls) {
  const double begin = processor_us();
  const pid_t pid = fork();
  if (pid == 0) {
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(null, 2);
    execlp("strace", "strace", "-f", "-e", "inject=pwrite64:error=EIO", guest, "writes",
           "/dev/shm/faultbox-bench", calls, nullptr);
    _exit(127);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) == 127) return 0;
  return (processor_us() - begin) / std::atof(calls);
}

// A call that is not intercepted, in nanoseconds, under this filter.
double passing_ns(const FilterProgram& program) {
  std::array<int, 2> channel{};
  if (pipe2(channel.data(), O_CLOEXEC) != 0) std::abort();
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    sock_fprog filter{static_cast<unsigned short>(program.code.size() / sizeof(sock_filter)),
                      reinterpret_cast<sock_filter*>(const_cast<std::byte*>(program.code.data()))};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter) <
        0)
      _exit(126);
    constexpr int kCalls = 1'000'000;
    const double begin = processor_us();
    for (int i = 0; i < kCalls; ++i) {
      syscall(SYS_lseek, 0, 0, SEEK_CUR);
      syscall(SYS_getppid);
      syscall(SYS_fcntl, 1, F_GETFL);
      syscall(SYS_futex, &filter, FUTEX_WAKE, 1, nullptr, nullptr, 0);
    }
    const double each = (processor_us() - begin) * 1000 / kCalls / 4;
    _exit(write(channel[1], &each, sizeof each) == sizeof each ? 0 : 125);
  }
  close(channel[1]);
  double each = 0;
  if (read(channel[0], &each, sizeof each) != sizeof each) std::abort();
  close(channel[0]);
  waitpid(pid, nullptr, 0);
  return each;
}

// Allows everything.
FilterProgram empty_filter() {
  const sock_filter allow{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
  FilterProgram program;
  program.code.resize(sizeof allow);
  std::memcpy(program.code.data(), &allow, sizeof allow);
  return program;
}

double whole_us(const Topology& topology, const LaunchSpec& spec, const char* guest,
                const char* calls, std::string_view rule_path) {
  auto loop = EpollLoop::create().value();
  Clock clock(*loop, Clock::Mode::kReal, 0);
  EventLog log(topology.names());
  RuleSets rules(topology, [](std::string_view, std::string_view, uint64_t) { return 0.0; });
  Scheduler scheduler(topology, log, clock, rules);
  Supervisor supervisor(*loop, scheduler, clock, nullptr);
  SeccompPlanner planner(supervisor, topology, {});
  if (!rule_path.empty()) {
    FaultRule rule;
    rule.key = "write";
    rule.calls = spec.notify;
    rule.action = DenyAction{5, "EIO"};
    rule.path = PathPattern::parse(rule_path).value();
    rules.open(spec.service, {rule}, false);
  }
  const double begin = processor_us();
  Guest g = start(planner, spec, guest, calls);
  g.plan->listener_arrived(g.pid, std::move(g.listener));
  loop->run_until([&] { return supervisor.idle(); });
  waitpid(g.pid, nullptr, 0);
  return (processor_us() - begin) / static_cast<double>(supervisor.notifications());
}

// What was measured round by round.
class Figures {
 public:
  void add(double value) { values_.push_back(value); }
  double best() const { return *std::min_element(values_.begin(), values_.end()); }
  // The median of the ratios round by round: what disturbs the machine disturbs both sides.
  double over(const Figures& other) const {
    std::vector<double> ratios;
    for (size_t i = 0; i < std::min(values_.size(), other.values_.size()); ++i)
      ratios.push_back(values_[i] / other.values_[i]);
    std::nth_element(ratios.begin(), ratios.begin() + static_cast<long>(ratios.size() / 2),
                     ratios.end());
    return ratios[ratios.size() / 2];
  }

 private:
  std::vector<double> values_;
};

int main_of(const char* guest, const char* calls) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  sched_setaffinity(0, sizeof one, &one);
  Topology topology;
  ServiceSpec service;
  service.name = "svc";
  for (SyscallId id : expand_family("write")) service.recorded.insert(id);
  topology.services.push_back(service);
  LaunchSpec spec;
  spec.service = ServiceId{0};
  spec.notify = topology.services[0].recorded;
  auto loop = EpollLoop::create().value();
  EventLog log(topology.names());
  Clock clock(*loop, Clock::Mode::kReal, 0);
  RuleSets rules(topology, [](std::string_view, std::string_view, uint64_t) { return 0.0; });
  Scheduler scheduler(topology, log, clock, rules);
  Supervisor nobody(*loop, scheduler, clock, nullptr);
  SeccompPlanner planner(nobody, topology, {});
  const FilterProgram empty = empty_filter();
  LaunchSpec all;
  for (const std::string_view family : family_names())
    for (const SyscallId id : expand_family(family)) all.notify.insert(id);
  const std::array pass{*find_syscall("lseek"), *find_syscall("fcntl"), *find_syscall("futex")};
  FilterRequest usual{.notify = spec.notify, .deny_io_uring = true};
  FilterRequest wide{.deny_io_uring = true};
  for (const SyscallId id : all.notify.list())
    if (std::find(pass.begin(), pass.end(), id) == pass.end()) wide.notify.insert(id);
  const FilterProgram few = build_filter(usual).value(), many = build_filter(wide).value();

  Figures bare, recorded, ruled, denied, traced, passing_empty, passing_few, passing_many;
  constexpr int kRounds = 9;
  for (int round = 0; round < kRounds; ++round) {
    bare.add(bare_us(planner, spec, guest, calls));
    recorded.add(whole_us(topology, spec, guest, calls, ""));
    ruled.add(whole_us(topology, spec, guest, calls, "*.wal"));
    denied.add(whole_us(topology, spec, guest, calls, "*-bench"));
    passing_empty.add(passing_ns(empty));
    passing_few.add(passing_ns(few));
    passing_many.add(passing_ns(many));
    if (round < 3) traced.add(strace_us(guest, calls));
  }
  fmt::print("intercepted call, us (ratio to bare, median of {} rounds)\n", kRounds);
  fmt::print("  bare round trip     {:6.2f}\n", bare.best());
  fmt::print("  recorded            {:6.2f}  x{:.2f}\n", recorded.best(), recorded.over(bare));
  fmt::print("  with a path rule    {:6.2f}  x{:.2f}\n", ruled.best(), ruled.over(bare));
  fmt::print("the same fault, us per call\n");
  fmt::print("  deny(\"EIO\")         {:6.2f}\n", denied.best());
  fmt::print("  strace -f -e inject {:6.2f}  x{:.1f}\n", traced.best(), traced.over(denied));
  fmt::print("calls that pass, ns per call (ratio to the empty filter)\n");
  fmt::print("  empty filter        {:6.1f}\n", passing_empty.best());
  fmt::print("  write family        {:6.1f}  x{:.3f}\n", passing_few.best(),
             passing_few.over(passing_empty));
  fmt::print("  every other family  {:6.1f}  x{:.3f}\n", passing_many.best(),
             passing_many.over(passing_empty));
  unlink("/dev/shm/faultbox-bench");
  return 0;
}

}  // namespace
}  // namespace fb

int main(int argc, char** argv) {
  if (argc < 2) return 64;
  return fb::main_of(argv[1], argc > 2 ? argv[2] : "20000");
}
