// What an intercepted call costs: the bare notification round trip (receive, continue) and the
// whole way (receive, decode, submit, rules, event, answer), on the same core, by the same guest,
// in processor time of both sides: on a shared machine wall time measures the neighbours. The
// figure to look at is the ratio of the two in one run: interpose_bench GUEST [CALLS].
#include "core/sched/scheduler.h"
#include "interpose/seccomp/kernel.h"
#include "interpose/seccomp/planner.h"
#include "interpose/seccomp/supervisor.h"
#include "interpose/sys/posix.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

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

double whole_us(const Topology& topology, const LaunchSpec& spec, const char* guest,
                const char* calls, bool with_rule) {
  auto loop = EpollLoop::create().value();
  Clock clock(*loop, Clock::Mode::kReal, 0);
  EventLog log(topology.names());
  RuleSets rules(topology, [](std::string_view, std::string_view, uint64_t) { return 0.0; });
  Scheduler scheduler(topology, log, clock, rules);
  Supervisor supervisor(*loop, scheduler, clock, nullptr);
  SeccompPlanner planner(supervisor, topology, {});
  if (with_rule) {
    FaultRule rule;
    rule.key = "write";
    rule.calls = spec.notify;
    rule.action = DenyAction{5, "EIO"};
    rule.path = PathPattern::parse("*.wal").value();
    rules.open(spec.service, {rule}, false);
  }
  const double begin = processor_us();
  Guest g = start(planner, spec, guest, calls);
  g.plan->listener_arrived(g.pid, std::move(g.listener));
  loop->run_until([&] { return supervisor.idle(); });
  waitpid(g.pid, nullptr, 0);
  return (processor_us() - begin) / static_cast<double>(supervisor.notifications());
}

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
  double floor = 1e9, recorded = 1e9, ruled = 1e9;
  constexpr int kRounds = 5;
  for (int round = 0; round < kRounds; ++round) {
    floor = std::min(floor, bare_us(planner, spec, guest, calls));
    recorded = std::min(recorded, whole_us(topology, spec, guest, calls, false));
    ruled = std::min(ruled, whole_us(topology, spec, guest, calls, true));
  }
  fmt::print("bare {:.2f} us, recorded {:.2f} us (x{:.2f}), with a path rule {:.2f} us (x{:.2f})\n",
             floor, recorded, recorded / floor, ruled, ruled / floor);
  unlink("/dev/shm/faultbox-bench");
  return 0;
}

}  // namespace
}  // namespace fb

int main(int argc, char** argv) {
  if (argc < 2) return 64;
  return fb::main_of(argv[1], argc > 2 ? argv[2] : "20000");
}
