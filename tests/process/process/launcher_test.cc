// The launcher against real processes, with a PID namespace per service and without.
#include "interpose/process/launcher.h"

#include "interpose/process/process_tree.h"
#include "interpose/process/worker.h"
#include "interpose/sys/posix.h"
#include "interpose/sys/socket_net.h"

#include <algorithm>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <set>
#include <signal.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace fb {
namespace {
using namespace std::chrono_literals;

// What a service said and how it ended.
class Recorder final : public ProcessListener {
 public:
  void output(ServiceId, bool is_stderr, std::string_view bytes) override {
    (is_stderr ? err : out) += bytes;
  }
  void exited(ServiceId, ExitState state) override {
    ends.push_back(state.text());
    out_at_end = out;
  }
  bool said(std::string_view line) const { return out.find(line) != std::string::npos; }

  std::string out, err, out_at_end;
  std::vector<std::string> ends;
};

std::vector<pid_t> processes_with(std::string_view marker) {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto environment = posix::read_file(entry.path() / "environ");
    if (environment.ok() && environment.value().find(marker) != std::string::npos)
      found.push_back(std::stoi(name));
  }
  return found;
}

size_t entries_in(const std::string& directory) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(directory), {}));
}

size_t children_of_this() {
  std::ifstream file(fmt::format("/proc/self/task/{}/children", ::getpid()));
  return static_cast<size_t>(std::distance(std::istream_iterator<int>(file), {}));
}

class LauncherTest : public ::testing::TestWithParam<bool> {
 protected:
  LauncherTest() : marker(fmt::format("FB_TEST_MARKER={}-{}", ::getpid(), next++)) {}
  void TearDown() override { EXPECT_TRUE(processes_with(marker).empty()); }

  LaunchSpec guest(std::vector<std::string> args) {
    LaunchSpec spec;
    spec.service = ServiceId{3};
    spec.name = "db";
    spec.binary = FB_GUEST;
    spec.args = std::move(args);
    spec.env = {{"FB_TEST_MARKER", marker.substr(marker.find('=') + 1)}};
    return spec;
  }
  // Runs `body` in a fiber until it has returned.
  void in_fiber(std::function<void()> body) {
    loop->fibers().spawn("test", std::move(body));
    loop->run_until([&] { return loop->fibers().alive() == 0; });
  }
  std::unique_ptr<Process> launch(const LaunchSpec& spec) {
    auto launched = launcher.launch(spec, recorder);
    EXPECT_TRUE(launched.ok()) << launched.error().message;
    return launched.ok() ? std::move(launched).value() : nullptr;
  }
  std::string launch_error(const LaunchSpec& spec) {
    std::string message;
    in_fiber([&] {
      auto launched = launcher.launch(spec, recorder);
      message = launched.ok() ? "it started" : launched.error().message;
    });
    return message;
  }
  void await_line(std::string_view line) {
    Fiber* self = FiberPool::current();
    std::unique_ptr<Timer> timer;
    while (!recorder.said(line)) {
      timer = loop->after(1ms, [self] { FiberPool::wake(*self); });
      FiberPool::park();
    }
  }

  static inline int next = 0;
  std::string marker;
  std::unique_ptr<EpollLoop> loop = EpollLoop::create().value();
  LocalLauncher launcher{*loop, nullptr, {.pid_namespace = GetParam()}};
  Recorder recorder;
};

INSTANTIATE_TEST_SUITE_P(Processes, LauncherTest, ::testing::Bool(),
                         [](const auto& test) { return test.param ? "Namespace" : "Subreaper"; });

TEST_P(LauncherTest, ReportsTheExitCode) {
  in_fiber([&] {
    auto process = launch(guest({"exit", "3"}));
    EXPECT_TRUE(process->await_exit(10s));
    EXPECT_EQ(process->exit_state(), (ExitState{false, 3}));
  });
  EXPECT_EQ(recorder.ends, std::vector<std::string>{"exit code 3"});
}

TEST_P(LauncherTest, ReportsTheSignal) {
  in_fiber([&] {
    auto process = launch(guest({"raise", "11"}));
    EXPECT_TRUE(process->await_exit(10s));
  });
  EXPECT_EQ(recorder.ends, std::vector<std::string>{"signal 11 (SIGSEGV)"});
}

TEST_P(LauncherTest, AwaitExitHasALimit) {
  in_fiber([&] {
    auto process = launch(guest({"wait"}));
    EXPECT_FALSE(process->await_exit(5ms));
    EXPECT_EQ(process->exit_state(), std::nullopt);
  });
}

TEST_P(LauncherTest, ThePidIsTheOneSeenFromHere) {
  in_fiber([&] {
    auto process = launch(guest({"wait"}));
    EXPECT_EQ(processes_with(marker), std::vector<pid_t>{process->pid()});
  });
}

TEST_P(LauncherTest, AMegabyteOnBothPipesArrivesWholeAndBeforeTheExit) {
  constexpr size_t kMegabyte = 1 << 20;
  in_fiber([&] {
    auto process = launch(guest({"write-both", std::to_string(kMegabyte)}));
    EXPECT_TRUE(process->await_exit(10s));
  });
  EXPECT_EQ(recorder.out, std::string(kMegabyte, 'o'));
  EXPECT_EQ(recorder.err, std::string(kMegabyte, 'e'));
  EXPECT_EQ(recorder.out_at_end.size(), kMegabyte);
}

TEST_P(LauncherTest, TheChildInheritsNothingButWhatItWasGiven) {
  // Things that a launcher could pass on by mistake.
  const Fd leak(::open("/dev/null", O_RDONLY));  // NOLINT: not close-on-exec, on purpose
  const auto old = ::signal(SIGPIPE, SIG_IGN);
  sigset_t block, before;
  sigemptyset(&block);
  sigaddset(&block, SIGUSR2);
  sigprocmask(SIG_BLOCK, &block, &before);
  LaunchSpec spec = guest({"describe"});
  spec.env["NAME"] = "a value";
  spec.cwd = "/usr";
  in_fiber([&] {
    auto process = launch(spec);
    EXPECT_TRUE(process->await_exit(10s));
  });
  sigprocmask(SIG_SETMASK, &before, nullptr);
  ::signal(SIGPIPE, old);
  cpu_set_t cpus;
  sched_getaffinity(0, sizeof cpus, &cpus);
  EXPECT_EQ(recorder.out, "cwd /usr\nenv " + marker + "\nenv NAME=a value\n" +
                              "fd 0\nfd 1\nfd 2\nstdin 0\nleader 1\npid1 0\n" +
                              fmt::format("cpus {}\n", CPU_COUNT(&cpus)) +
                              "randomized 1\npolicy 0\nproc 1\n");
}

TEST_P(LauncherTest, AControlledOneRunsOnOneCoreWithFixedAddresses) {
  LaunchSpec spec = guest({"describe"});
  spec.controlled = true;
  in_fiber([&] { EXPECT_TRUE(launch(spec)->await_exit(10s)); });
  EXPECT_TRUE(recorder.said("cpus 1\nrandomized 0\n"));
}

TEST_P(LauncherTest, SignalAllReachesEveryProcess) {
  in_fiber([&] {
    auto process = launch(guest({"count-term"}));
    await_line("ready");
    EXPECT_TRUE(process->signal_all(SIGTERM).ok());
    EXPECT_TRUE(process->await_exit(10s));
    EXPECT_EQ(process->exit_state(), (ExitState{false, 5}));
  });
  EXPECT_EQ(recorder.out, "ready\nterm\n");
}

TEST_P(LauncherTest, PausedProcessesStandStillUntilResumed) {
  in_fiber([&] {
    auto process = launch(guest({"count-term"}));
    await_line("ready");
    EXPECT_TRUE(process->signal_all(SIGSTOP).ok());
    EXPECT_TRUE(process->signal_all(SIGTERM).ok());
    EXPECT_FALSE(process->await_exit(30ms));
    EXPECT_TRUE(process->signal_all(SIGCONT).ok());
    EXPECT_TRUE(process->await_exit(10s));
  });
}

TEST_P(LauncherTest, StopEndsAPoliteServiceBySigterm) {
  in_fiber([&] {
    auto process = launch(guest({"wait"}));
    await_line("ready");
    process->await_stop(10s);
    EXPECT_EQ(process->exit_state(), (ExitState{true, SIGTERM}));
    EXPECT_EQ(process->signal_all(SIGTERM).error().code, Code::kGone);
    EXPECT_TRUE(processes_with(marker).empty());
  });
  EXPECT_EQ(recorder.ends, std::vector<std::string>{"signal 15 (SIGTERM)"});
}

TEST_P(LauncherTest, StopKillsWhatIgnoresSigterm) {
  in_fiber([&] {
    auto process = launch(guest({"ignore-term"}));
    await_line("ready");
    const Instant start = loop->now();
    process->await_stop(50ms);
    EXPECT_GE(loop->now() - start, 50ms);
    EXPECT_EQ(process->exit_state(), (ExitState{true, SIGKILL}));
  });
  EXPECT_EQ(recorder.ends, std::vector<std::string>{"signal 9 (SIGKILL)"});
}

TEST_P(LauncherTest, StopLeavesNoneOfFiftyChildrenAndDaemons) {
  in_fiber([&] {
    auto process = launch(guest({"spread", "50"}));
    await_line("spread");
    EXPECT_EQ(processes_with(marker).size(), 51u);
    process->await_stop(10s);
    EXPECT_TRUE(processes_with(marker).empty());
  });
}

TEST_P(LauncherTest, DaemonsOutliveTheMainProcessButNotTheStop) {
  in_fiber([&] {
    auto process = launch(guest({"spread-and-exit", "10"}));
    EXPECT_TRUE(process->await_exit(10s));
    EXPECT_EQ(process->exit_state(), (ExitState{false, 0}));
    EXPECT_EQ(processes_with(marker).size(), 10u);
    process->await_stop(10s);
    EXPECT_TRUE(processes_with(marker).empty());
  });
}

TEST_P(LauncherTest, DestroyingItKillsAForkBomb) {
  in_fiber([&] {
    auto process = launch(guest({"bomb", "50"}));
    await_line("ready");
    process->await_exit(50ms);
    EXPECT_GE(processes_with(marker).size(), 2u);
    process.reset();
    EXPECT_TRUE(processes_with(marker).empty());
  });
}

TEST_P(LauncherTest, ACancelledLaunchLeavesNothing) {
  std::unique_ptr<Process> process;
  Fiber& fiber = loop->fibers().spawn("launch", [&] { process = launch(guest({"spread", "3"})); });
  loop->fibers().run_ready();  // forked, and waiting for the init's first word
  FiberPool::cancel(fiber);
  loop->fibers().run_ready();
  EXPECT_EQ(loop->fibers().alive(), 0u);
  EXPECT_EQ(process, nullptr);
  EXPECT_EQ(children_of_this(), 0u);
}

TEST_P(LauncherTest, KnowsWhetherItListens) {
  in_fiber([&] {
    auto silent = launch(guest({"wait"}));
    EXPECT_FALSE(silent->listens_on(45871));
    auto process = launch(guest({"listen", "45871"}));
    await_line("listening");
    EXPECT_TRUE(process->listens_on(45871));
    EXPECT_FALSE(process->listens_on(45872));
    EXPECT_FALSE(silent->listens_on(45871)) << "another service does";
    EXPECT_EQ(port_holder(45871), fmt::format("process {} (process_guest)", process->pid()));
    EXPECT_EQ(port_holder(45872), "");
  });
}

TEST_P(LauncherTest, SeesAConnectionThatWaitsToBeAccepted) {
  SocketNet net(*loop);
  in_fiber([&] {
    auto process = launch(guest({"listen", "45873"}));
    await_line("listening");
    EXPECT_FALSE(process->has_unaccepted(45873));
    auto stream = net.connect(ActorId::test(), Address::loopback4(45873), 5s).value();
    EXPECT_TRUE(process->has_unaccepted(45873));
  });
}

TEST_P(LauncherTest, AMissingBinaryIsNamed) {
  LaunchSpec spec = guest({});
  spec.binary = "./db";
  EXPECT_EQ(launch_error(spec), "cannot start service \"db\": ./db: no such file or directory");
  EXPECT_TRUE(recorder.ends.empty());
}

class LauncherFileTest : public LauncherTest {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "/launcher-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory = pattern;
  }
  void TearDown() override {
    std::filesystem::remove_all(directory);
    LauncherTest::TearDown();
  }
  LaunchSpec file(std::string_view content, mode_t mode) {
    LaunchSpec spec = guest({});
    spec.binary = directory + "/db";
    std::ofstream(spec.binary) << content;
    EXPECT_EQ(::chmod(spec.binary.c_str(), mode), 0);
    return spec;
  }
  std::string start_text(const LaunchSpec& spec) {
    return "cannot start service \"db\": " + spec.binary + ": ";
  }
  std::string directory;
};

INSTANTIATE_TEST_SUITE_P(Processes, LauncherFileTest, ::testing::Values(true),
                         [](const auto&) { return "Namespace"; });

TEST_P(LauncherFileTest, WhatIsNotExecutableIsRefused) {
  const LaunchSpec spec = file("#!/bin/sh\n", 0644);
  EXPECT_EQ(launch_error(spec), start_text(spec) + "permission denied");
}

TEST_P(LauncherFileTest, ABadInterpreterIsNamed) {
  const LaunchSpec spec = file("#! /no/such/sh -e\n", 0755);
  EXPECT_EQ(launch_error(spec),
            start_text(spec) + "bad interpreter '/no/such/sh': no such file or directory");
}

TEST_P(LauncherFileTest, WhatIsNoProgramIsRefused) {
  const LaunchSpec spec = file("hello", 0755);
  EXPECT_EQ(launch_error(spec), start_text(spec) + "exec format error");
}

TEST_P(LauncherFileTest, AScriptRuns) {
  const LaunchSpec spec = file("#!/bin/sh\necho \"$0 $FB_TEST_MARKER\"\n", 0755);
  in_fiber([&] { EXPECT_TRUE(launch(spec)->await_exit(10s)); });
  EXPECT_EQ(recorder.out, spec.binary + " " + spec.env.at("FB_TEST_MARKER") + "\n");
}

TEST_P(LauncherFileTest, ADirectoryThatCannotBeEnteredIsNamed) {
  LaunchSpec spec = guest({"wait"});
  spec.cwd = directory + "/nowhere";
  EXPECT_EQ(launch_error(spec), "cannot start service \"db\": cannot enter '" + spec.cwd +
                                    "': no such file or directory");
}

// A filter plan that filters nothing: it sends /dev/null for a listener, and can be told to fail.
class FakePlan final : public FilterPlan {
 public:
  FakePlan(std::vector<std::string>& log, int error) : log_(log), error_(error) {}
  int enter_schedule() override { return 0; }
  int install_and_send(int handoff_fd) override {
    if (error_ != 0) return error_;
    const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const std::byte byte{};
    return posix::send_with_fd(handoff_fd, std::span(&byte, 1), fd);
  }
  void listener_arrived(int pid, Fd listener) override {
    const auto link =
        std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", listener.get()));
    log_.push_back(fmt::format("{} {}", pid, link.string()));
  }

 private:
  std::vector<std::string>& log_;
  int error_;
};

class FakePlanner final : public FilterPlanner {
 public:
  Result<std::unique_ptr<FilterPlan>> plan(const LaunchSpec&, int) override {
    return std::unique_ptr<FilterPlan>(std::make_unique<FakePlan>(log, error));
  }
  std::vector<std::string> log;
  int error = 0;
};

TEST_P(LauncherFileTest, TheListenerOfAFilterArrives) {
  FakePlanner planner;
  LocalLauncher filtering{*loop, &planner, {}};
  in_fiber([&] {
    auto process = filtering.launch(guest({"describe"}), recorder).value();
    EXPECT_EQ(planner.log, std::vector{fmt::format("{} /dev/null", process->pid())});
    EXPECT_TRUE(process->await_exit(10s));
  });
  EXPECT_TRUE(recorder.said("fd 2\nstdin")) << "no descriptor of the handover is left";
}

TEST_P(LauncherFileTest, AFilterThatCannotBeInstalledIsAnError) {
  FakePlanner planner;
  planner.error = EACCES;
  LocalLauncher filtering{*loop, &planner, {}};
  in_fiber([&] {
    EXPECT_EQ(filtering.launch(guest({"wait"}), recorder).error().message,
              "cannot start service \"db\": cannot install the system call filter: permission "
              "denied");
  });
}

TEST_P(LauncherFileTest, TwoHundredCyclesLeaveNothing) {
  const auto cycle = [&] {
    auto process = launch(guest({"spread", "2"}));
    process->await_stop(10s);
  };
  in_fiber(cycle);
  const size_t fds = entries_in("/proc/self/fd");
  const std::string mounts = posix::read_file("/proc/self/mountinfo").value();
  in_fiber([&] {
    for (int i = 0; i < 200; ++i) cycle();
  });
  EXPECT_EQ(entries_in("/proc/self/fd"), fds);
  EXPECT_EQ(posix::read_file("/proc/self/mountinfo").value(), mounts);
  EXPECT_EQ(children_of_this(), 0u);
}

// What `habit` prints when a worker launches it after `prepare`.
std::string output_in_worker(const std::function<bool()>& prepare, const LaunchSpec& spec) {
  auto worker = Worker::start([&](WorkerChannel& channel) {
                  if (!prepare()) return 1;
                  auto own_loop = EpollLoop::create().value();
                  LocalLauncher own{*own_loop, nullptr, {}};
                  Recorder output;
                  own_loop->fibers().spawn("launch", [&] {
                    auto process = own.launch(spec, output).value();
                    process->await_exit(10s);
                    process->await_stop(1s);
                  });
                  own_loop->run_until([&] { return own_loop->fibers().alive() == 0; });
                  return channel.send(own.shared_processes_why() + "\n" + output.out).ok() ? 0 : 1;
                }).value();
  const auto answer = worker->receive();
  return answer.ok() ? answer.value() : answer.error().message;
}

TEST_P(LauncherFileTest, WithoutTheRightToNamespacesASubreaperDoes) {
  const auto become_nobody = [] { return ::setgid(12345) == 0 && ::setuid(12345) == 0; };
  EXPECT_TRUE(output_in_worker(become_nobody, guest({"describe"}))
                  .starts_with("PID namespaces: operation not permitted\ncwd "));
}

TEST_P(LauncherFileTest, TheClassOfTheSupervisorIsNotTheServices) {
  const auto become_realtime = [] {
    const sched_param first{.sched_priority = 1};
    return ::sched_setscheduler(0, SCHED_FIFO, &first) == 0;
  };
  const std::string output = output_in_worker(become_realtime, guest({"describe"}));
  EXPECT_NE(output.find("\npolicy 0\n"), std::string::npos) << output;
}

TEST_P(LauncherTest, EverythingGoesWhenTheLauncherIsKilled) {
  auto pair = posix::socket_pair(SOCK_STREAM).value();
  const pid_t child = ::fork();
  if (child == 0) {
    auto own_loop = EpollLoop::create().value();
    LocalLauncher own{*own_loop, nullptr, {.pid_namespace = GetParam()}};
    std::vector<std::unique_ptr<Process>> processes;
    own_loop->fibers().spawn("launch", [&] {
      for (int i = 0; i < 3; ++i)
        processes.push_back(own.launch(guest({"spread", "10"}), recorder).value());
    });
    own_loop->run_until([&] { return recorder.out == "spread\nspread\nspread\n"; });
    (void)!::write(pair.second.get(), "x", 1);
    own_loop->run_until([] { return false; });
  }
  ASSERT_GT(child, 1);
  const Fd pidfd = posix::pidfd_open(child).value();
  char byte;
  ASSERT_EQ(::read(pair.first.get(), &byte, 1), 1);
  EXPECT_EQ(processes_with(marker).size(), 33u);
  ASSERT_TRUE(posix::pidfd_send_signal(pidfd.get(), SIGKILL).ok());
  ASSERT_TRUE(posix::wait_for(pidfd.get()).ok());
  const Instant start = loop->now();
  while (!processes_with(marker).empty() && loop->now() - start < 1s) ::usleep(5000);
  EXPECT_TRUE(processes_with(marker).empty());
}

}  // namespace
}  // namespace fb
