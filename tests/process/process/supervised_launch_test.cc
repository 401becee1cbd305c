// Launcher and call supervisor together: the calls that the launcher itself would need between
// filter and exec are filtered, and nothing hangs.
#include "core/sched/scheduler.h"
#include "core/trace/event_log.h"
#include "interpose/process/launcher.h"
#include "interpose/seccomp/planner.h"
#include "interpose/seccomp/supervisor.h"
#include "interpose/sys/epoll_loop.h"

#include <gtest/gtest.h>
#include <set>
#include <string>

namespace fb {
namespace {
using namespace std::chrono_literals;

class SupervisedLaunchTest : public ::testing::Test, protected ProcessListener {
 protected:
  void output(ServiceId, bool, std::string_view bytes) override { out += bytes; }
  void exited(ServiceId, ExitState state) override { end = state.text(); }

  // Launches /bin/sh or another binary with these calls filtered, and waits for its end.
  void run(std::initializer_list<std::string_view> calls, std::vector<std::string> args,
           std::string binary = "/bin/sh") {
    ServiceSpec service;
    service.name = "svc";
    for (const std::string_view call : calls) service.recorded.insert(find_syscall(call).value());
    Topology topology;
    topology.services.push_back(service);
    auto loop = EpollLoop::create().value();
    Clock clock(*loop, Clock::Mode::kReal, 0);
    EventLog log(topology.names());
    RuleSets rules(topology, [](std::string_view, std::string_view, uint64_t) { return 0.0; });
    Scheduler scheduler(topology, log, clock, rules);
    Supervisor supervisor(*loop, scheduler, clock, nullptr);
    SeccompPlanner planner(supervisor, topology, {});
    LocalLauncher launcher(*loop, &planner, {});
    LaunchSpec spec;
    spec.name = "svc";
    spec.binary = std::move(binary);
    spec.args = std::move(args);
    spec.notify = service.recorded;
    loop->fibers().spawn("test", [&] {
      auto launched = launcher.launch(spec, *this);
      if (!launched.ok()) {
        error = launched.error().message;
        return;
      }
      EXPECT_TRUE(launched.value()->await_exit(10s));
      launched.value()->await_stop(1s);
    });
    loop->run_until([&] { return loop->fibers().alive() == 0; });
    for (const Event& event : log.events())
      if (event.type == EventType::kSyscall) seen.insert(std::string(event.field("syscall")));
  }

  std::string out, end, error;
  std::set<std::string> seen;
};

TEST_F(SupervisedLaunchTest, EveryCallOfTheHandoverMayBeFiltered) {
  run({"read", "write", "sendmsg", "recvmsg", "close", "futex", "clone", "clone3", "execve",
       "exit_group", "sched_yield", "dup2", "fcntl"},
      {"-c", "echo hello; exit 3"});
  EXPECT_EQ(error, "");
  EXPECT_EQ(out, "hello\n");
  EXPECT_EQ(end, "exit code 3");
  for (const char* call : {"execve", "write", "exit_group"})
    EXPECT_TRUE(seen.contains(call)) << call;
  EXPECT_FALSE(seen.contains("sendmsg")) << "the handover itself is not the service's doing";
}

TEST_F(SupervisedLaunchTest, AnExecThatFailsBehindTheFilterIsReported) {
  run({"write", "sendmsg", "execve", "exit_group"}, {}, "./db");
  EXPECT_EQ(error, "cannot start service \"svc\": ./db: no such file or directory");
}

}  // namespace
}  // namespace fb
