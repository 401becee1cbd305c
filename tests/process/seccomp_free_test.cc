// Faults on real processes in free order: deny, delay, hold; by path, descriptor and address;
// threads and children; callers that die, signals, foreign gates.
#include "tests/process/supervised_run.h"

#include <arpa/inet.h>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fb {
namespace {

class SeccompFree : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/fb-seccomp-XXXXXX";
    dir_ = mkdtemp(name);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  std::string path(std::string_view name) const { return dir_ + "/" + std::string(name); }
  static std::vector<std::string> calls(std::vector<std::string> args, bool is_static = false) {
    args.insert(args.begin(), guest_path(is_static ? "calls_static" : "calls"));
    return args;
  }
  static std::string kept(const std::string& file) {
    std::ifstream in(file);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }

  std::string dir_;
};

TEST_F(SeccompFree, DeniedWriteIsNotMadeAndReturnsTheErrno) {
  SupervisedRun run(calls_of({"write", "fsync"}));
  run.rules().open(
      {0}, {rule("write", deny("ENOSPC"), "*.wal", "after=1"), rule("fsync", deny("EIO"), "*.wal")},
      false);
  run.start(calls({"write", path("x.wal"), "3"}));
  EXPECT_EQ(run.finish(), 0);
  EXPECT_EQ(run.output(), "open ok\nwrite ok\nwrite ENOSPC\nwrite ENOSPC\nfsync EIO\n");
  EXPECT_EQ(kept(path("x.wal")), "record\n");
  std::vector<std::string> on_file;
  for (const std::string& line : run.events(true))
    if (line.ends_with("x.wal")) on_file.push_back(line.substr(0, line.rfind(' ')));
  EXPECT_EQ(on_file, (std::vector<std::string>{"write allow", "write deny(no space left on device)",
                                               "write deny(no space left on device)",
                                               "fsync deny(input/output error)"}));
}

TEST_F(SeccompFree, PathArgumentsMatchLexicallyAndThroughLinks) {
  std::filesystem::create_directory(path("real"));
  std::filesystem::create_directory_symlink(path("real"), path("link"));
  {
    SupervisedRun run(calls_of({"open"}));
    run.rules().open({0}, {rule("open", deny("EACCES"), path("real") + "/**")}, false);
    run.start(calls({"write", path("link/f"), "0"}));
    run.finish();
    EXPECT_EQ(run.output(), "open EACCES\nfsync EBADF\n") << "through the symbolic link";
  }
  {
    SupervisedRun run(calls_of({"open"}));
    run.rules().open({0}, {rule("open", deny("EACCES"), path("link/f"))}, false);
    run.start(calls({"write", path("link/../link/./f"), "0"}));
    run.finish();
    EXPECT_EQ(run.output(), "open EACCES\nfsync EBADF\n") << "as written, normalised";
  }
}

TEST_F(SeccompFree, StaticBinariesAreCovered) {
  SupervisedRun run(calls_of({"fsync"}));
  run.rules().open({0}, {rule("fsync", deny("EIO"))}, false);
  run.start(calls({"write", path("x"), "1"}, true));
  EXPECT_EQ(run.finish(), 0);
  EXPECT_EQ(run.output(), "open ok\nwrite ok\nfsync EIO\n");
}

TEST_F(SeccompFree, EveryKeyAtOnceDoesNotHangTheHandover) {
  // All that the handover could stumble over is trapped.
  SupervisedRun run(calls_of({"sendto", "recvfrom", "write", "read", "close", "futex", "clone",
                              "clone3", "execve", "sched_yield", "mmap", "brk"}));
  run.start(calls({"write", path("x"), "1"}));
  EXPECT_EQ(run.finish(), 0);
  EXPECT_EQ(run.events().front(), "execve allow");
}

TEST_F(SeccompFree, ConnectIsDeniedByDestination) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(listener, 4), 0);
  socklen_t size = sizeof address;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  const uint16_t port = ntohs(address.sin_port);
  for (const bool same_port : {true, false}) {
    SupervisedRun run(calls_of({"connect"}));
    FaultRule refused = rule("connect", deny("ECONNREFUSED"));
    const auto other = static_cast<uint16_t>(port + 1);
    refused.destination = Destination{"db", {{true, {}, same_port ? port : other}}};
    run.rules().open({0}, {refused}, false);
    run.start(calls({"connect", std::to_string(port)}));
    run.finish();
    EXPECT_EQ(run.output(), same_port ? "connect ECONNREFUSED\n" : "connect ok\n");
    EXPECT_EQ(run.log().at(1).field("dest"), "127.0.0.1:" + std::to_string(port));
  }
  close(listener);
}

TEST_F(SeccompFree, ThreadsAndChildrenAreCovered) {
  {
    SupervisedRun run(calls_of({"write"}));
    run.rules().open({0}, {rule("write", deny("EIO"), path("t"))}, false);
    run.start(calls({"threads", path("t")}));
    EXPECT_EQ(run.finish(), 0);
    EXPECT_EQ(run.output(), "thread EIO\nthread EIO\nthread EIO\nthread EIO\n");
  }
  SupervisedRun run(calls_of({"write"}));
  run.rules().open({0}, {rule("write", deny("EIO"), path("c"))}, false);
  run.start(calls({"children", path("c")}));
  EXPECT_EQ(run.finish(), 0);
  EXPECT_EQ(run.output(), "fork EIO\nclone3 EIO\nvfork+exec EIO\n");
}

TEST_F(SeccompFree, DelayHoldsOnlyTheCaller) {
  SupervisedRun run(calls_of({"fsync"}));
  run.rules().open({0}, {rule("fsync", DelayAction{std::chrono::milliseconds(30)}, path("x"))},
                   false);
  const Instant before = run.loop().now();
  run.start(calls({"write", path("x"), "1"}));
  EXPECT_EQ(run.finish(), 0);
  EXPECT_GE(run.loop().now() - before, std::chrono::milliseconds(30));
  EXPECT_EQ(run.events().back(), "fsync delay(30ms)");
}

TEST_F(SeccompFree, HeldCallsGoWhenReleased) {
  SupervisedRun run(calls_of({"fsync"}));
  run.rules().open({0}, {rule("fsync", HoldAction{"gate"})}, false);
  run.start(calls({"write", path("x"), "1"}));
  run.run_until([&] { return run.scheduler().held("gate").size() == 1; });
  EXPECT_EQ(run.output(), "open ok\nwrite ok\n");
  EXPECT_EQ(run.scheduler().release("gate", std::nullopt, EDQUOT), 1u);
  EXPECT_EQ(run.finish(), 0);
  EXPECT_EQ(run.output(), "fsync EDQUOT\n");
}

TEST_F(SeccompFree, ACallerKilledWhileHeldLeavesTheList) {
  SupervisedRun run(calls_of({"fsync"}));
  run.rules().open({0}, {rule("fsync", HoldAction{"gate"}, "", "first=1")}, false);
  run.start(calls({"heldthreads"}));
  run.run_until([&] { return run.scheduler().held("gate").size() == 1; });
  run.run_until([&] { return run.scheduler().held("gate").empty(); });
  EXPECT_EQ(run.finish(), 0);
  EXPECT_EQ(run.output(), "killed ok\nfsync-parent EBADF\n");
}

TEST_F(SeccompFree, KillingTheServiceWhileItsCallIsHeldEndsThatCallOnly) {
  SupervisedRun run(calls_of({"fsync"}));
  run.rules().open({0}, {rule("fsync", HoldAction{"gate"})}, false);
  run.start(calls({"write", path("x"), "1"}));
  run.run_until([&] { return run.scheduler().held("gate").size() == 1; });
  ASSERT_GT(run.pid(), 1);
  kill(run.pid(), SIGKILL);
  const int status = run.finish();
  EXPECT_TRUE(WIFSIGNALED(status));
  run.run_until([&] { return run.scheduler().held("gate").empty(); });
}

TEST_F(SeccompFree, SignalsNeitherRepeatNorLoseAnswers) {
  SupervisedRun run(calls_of({"fsync"}));
  run.rules().open({0}, {rule("fsync", deny("ENOSPC"))}, false);
  run.start(calls({"signals", "1000"}));
  EXPECT_EQ(run.finish(), 0);
  EXPECT_EQ(run.output(), "good ok\n");
  EXPECT_EQ(run.events().size(), 1000u);
}

TEST_F(SeccompFree, SignalsDuringDelaysNeitherRepeatNorLoseAnswers) {
  SupervisedRun run(calls_of({"fsync"}));
  run.rules().open({0},
                   {rule("fsync", DelayAction{std::chrono::milliseconds(3)}, "", "first=20"),
                    rule("fsync", deny("ENOSPC"))},
                   false);
  run.start(calls({"signals", "40"}));
  EXPECT_EQ(run.finish(), 0);
  EXPECT_EQ(run.events().size(), 40u);
}

TEST_F(SeccompFree, ForeignGatesSayENOSYS) {
  SupervisedRun run(calls_of({"getpid"}));
  run.start(calls({"int80"}));
  EXPECT_EQ(run.finish(), 0);
  EXPECT_EQ(run.output(), "int80 ENOSYS\nx32 ENOSYS\n");
}

TEST_F(SeccompFree, IoUringIsRefusedWhenAsked) {
  {
    SupervisedRun run({}, true);
    run.start(calls({"uring"}));
    EXPECT_EQ(run.finish(), 0);
    EXPECT_EQ(run.output(), "io_uring_setup ENOSYS\n");
  }
  SupervisedRun run(calls_of({"io_uring_setup"}), true);
  FaultRule disabled = rule("io_uring_setup", deny("ENOSYS"));
  disabled.label = "io_uring disabled";
  run.rules().open({0}, {disabled}, false);
  run.start(calls({"uring"}));
  EXPECT_EQ(run.finish(), 0);
  EXPECT_EQ(run.output(), "io_uring_setup ENOSYS\n");
  ASSERT_EQ(run.log().size(), 1u);
  EXPECT_EQ(run.log().at(1).field("label"), "io_uring disabled");
}

TEST_F(SeccompFree, AServicesOwnFilterOutranksTheRules) {
  SupervisedRun run(calls_of({"write", "fsync"}));
  run.rules().open({0}, {rule("fsync", deny("EIO")), rule("write", deny("EIO"), path("x"))}, false);
  run.start(calls({"ownfilter", path("x")}));
  EXPECT_EQ(run.finish(), 0);
  EXPECT_EQ(run.output(), "seccomp ok\nopen ok\nwrite EIO\nwrite EIO\nfsync EPERM\n");
}

TEST_F(SeccompFree, ADeniedCloseReleasesTheFileAllTheSame) {
  SupervisedRun run(calls_of({"close"}));
  run.rules().open({0}, {rule("close", deny("EIO"), "pipe:*")}, false);
  run.start(calls({"closepipe"}));
  EXPECT_EQ(run.finish(), 0);
  EXPECT_EQ(run.output(), "close EIO\nread ok\nwrite EBADF\n");
}

}  // namespace
}  // namespace fb
