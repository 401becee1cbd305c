// What a worker sees and what the host sees of it. Each body runs in a worker of its own and
// answers with text.
#include "interpose/process/isolation.h"

#include "interpose/process/launcher.h"
#include "interpose/process/worker.h"
#include "interpose/sys/epoll_loop.h"
#include "interpose/sys/posix.h"
#include "interpose/sys/socket_net.h"

#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <grp.h>
#include <gtest/gtest.h>
#include <iterator>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fb {
namespace {
using namespace std::chrono_literals;
namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// "listening", or the reason why not. The socket stays open as long as the process lives.
std::string listen_on(const Address& address) {
  const SocketAddress raw = socket_address(address).value();
  const int fd = ::socket(raw.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&raw.storage), raw.size) != 0)
    return std::strerror(errno);
  return ::listen(fd, 1) == 0 ? "listening" : std::strerror(errno);
}

// Runs in a worker that has entered isolation, unless that failed; the answer is its first message.
using Body = std::function<std::string(Isolation&)>;
std::unique_ptr<Worker> isolated(const Body& body, IsolationOptions options = {}, uid_t uid = 0) {
  return Worker::start([=](WorkerChannel& channel) {
           // Dumpable, as a process that has been started by that user would be.
           if (uid != 0 && (::setgroups(0, nullptr) != 0 || ::setgid(uid) != 0 ||
                            ::setuid(uid) != 0 || ::prctl(PR_SET_DUMPABLE, 1) != 0))
             return 1;
           auto isolation = Isolation::enter(options);
           const std::string answer =
               isolation.ok() ? body(isolation.value()) : "error: " + isolation.error().message;
           (void)channel.send(answer);
           (void)channel.receive();  // until the parent has seen enough
           return 0;
         })
      .value();
}
std::string answer_of(const Body& body, IsolationOptions options = {}, uid_t uid = 0) {
  const auto answer = isolated(body, options, uid)->receive();
  return answer.ok() ? answer.value() : answer.error().message;
}

class IsolationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root (CAP_SYS_ADMIN)";
    mounts = content("/proc/self/mountinfo");
    std::string pattern = "/tmp/isolation-test-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory = pattern;
    ASSERT_EQ(::chmod(pattern.c_str(), 0777), 0);
    std::ofstream(directory / "old") << "old";
    ASSERT_EQ(::chmod((directory / "old").c_str(), 0666), 0);
  }
  void TearDown() override {
    if (directory.empty()) return;
    EXPECT_EQ(content("/proc/self/mountinfo"), mounts) << "nothing is mounted on the host";
    fs::remove_all(directory);
  }
  std::string mounts;
  fs::path directory;  // below the host's /tmp, with a file "old" in it
};

TEST_F(IsolationTest, IsFullForRoot) {
  EXPECT_EQ(answer_of([](Isolation& isolation) {
              const IsolationReport& report = isolation.report();
              return fmt::format("{} {}{}{}{}{} '{}'", report.mode, report.network,
                                 report.directories, report.hosts, report.processes,
                                 report.user_namespace, report.why);
            }),
            "full truetruetruetruefalse ''");
}

TEST_F(IsolationTest, NoneIsNone) {
  IsolationOptions options;
  options.wish = IsolationOptions::Wish::kNone;
  EXPECT_EQ(answer_of(
                [](Isolation& isolation) {
                  return isolation.report().mode + ": " + isolation.report().why;
                },
                options),
            "none: --isolation none");
}

TEST_F(IsolationTest, AResourceMayStaySharedForAReason) {
  IsolationOptions options;
  options.share_network_why = "options(network=\"host\")";
  const auto report = [](Isolation& isolation) {
    return isolation.report().mode + ", " + isolation.report().why;
  };
  EXPECT_EQ(answer_of(report, options), "partial, network: options(network=\"host\")");
  options.wish = IsolationOptions::Wish::kFull;
  EXPECT_EQ(answer_of(report, options),
            "error: --isolation full is not possible: network: options(network=\"host\")");
}

TEST_F(IsolationTest, ASharedNetworkIsTheHosts) {
  IsolationOptions options;
  options.share_network_why = "asked for";
  const std::string host = fs::read_symlink("/proc/self/ns/net");
  EXPECT_EQ(answer_of(
                [](Isolation& isolation) {
                  EXPECT_TRUE(isolation.renew().ok());
                  return fs::read_symlink("/proc/self/ns/net").string();
                },
                options),
            host);
}

TEST_F(IsolationTest, TwoWorkersListenOnTheSamePort) {
  const auto both = [](Isolation&) {
    Address v6{Address::Family::kIpv6, {}, 80, {}};
    v6.ip[15] = 1;
    return listen_on(Address::loopback4(45900)) + ", " + listen_on(v6);
  };
  auto a = isolated(both);
  EXPECT_EQ(a->receive().value(), "listening, listening");
  auto b = isolated(both);
  EXPECT_EQ(b->receive().value(), "listening, listening");
}

TEST_F(IsolationTest, APortIsFreeAgainAfterRenew) {
  EXPECT_EQ(answer_of([](Isolation& isolation) {
              std::string all = listen_on(Address::loopback4(45900));
              EXPECT_TRUE(isolation.renew().ok());
              return all + ", " + listen_on(Address::loopback4(45900));
            }),
            "listening, listening");
}

TEST_F(IsolationTest, NothingBeyondTheLoopbackCanBeReached) {
  EXPECT_EQ(answer_of([](Isolation&) {
              const SocketAddress far =
                  socket_address({Address::Family::kIpv4, {192, 0, 2, 1}, 80, {}}).value();
              const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
              const int result =
                  ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&far.storage), far.size);
              return result == 0 ? "connected" : std::string(std::strerror(errno));
            }),
            "Network is unreachable");
}

TEST_F(IsolationTest, LocalhostIsOneAddressAndSoIsTheHostItself) {
  EXPECT_EQ(answer_of([](Isolation&) {
              std::string all;
              char name[64] = {};
              ::gethostname(name, sizeof name - 1);
              for (const char* host : {"localhost", static_cast<const char*>(name)}) {
                addrinfo hints{};
                hints.ai_socktype = SOCK_STREAM;
                addrinfo* found = nullptr;
                ::getaddrinfo(host, "80", &hints, &found);
                for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
                  char text[64] = {};
                  ::getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, nullptr, 0,
                                NI_NUMERICHOST);
                  all += std::string(text) + ";";
                }
                if (found != nullptr) ::freeaddrinfo(found);
              }
              return all + content("/etc/hosts");
            }),
            "127.0.0.1;127.0.0.1;127.0.0.1\tlocalhost\n");
  EXPECT_NE(content("/etc/hosts"), "127.0.0.1\tlocalhost\n");
}

TEST_F(IsolationTest, TheHostsFilesAreSeenAndStayAsTheyAre) {
  const std::string answer = answer_of([&](Isolation&) {
    const std::string seen = content(directory / "old");
    std::ofstream(directory / "old") << "changed";
    std::ofstream(directory / "new") << "new";
    return seen + " " + content(directory / "old") + " " + content(directory / "new");
  });
  EXPECT_EQ(answer, "old changed new");
  EXPECT_EQ(content(directory / "old"), "old");
  EXPECT_FALSE(fs::exists(directory / "new"));
}

TEST_F(IsolationTest, WhatIsRemovedInsideStaysOutside) {
  EXPECT_EQ(answer_of([&](Isolation& isolation) {
              fs::remove_all(directory);
              const std::string gone = fs::exists(directory) ? "there" : "gone";
              fs::create_directory(directory);
              const std::string empty = fs::exists(directory / "old") ? "old shows" : "empty";
              EXPECT_TRUE(isolation.renew().ok());
              return gone + " " + empty + " " + content(directory / "old");
            }),
            "gone empty old");
  EXPECT_EQ(content(directory / "old"), "old");
}

TEST_F(IsolationTest, RenewForgetsWhatWasWritten) {
  EXPECT_EQ(answer_of([&](Isolation& isolation) {
              for (const char* path : {"/tmp/left", "/var/tmp/left", "/dev/shm/left"})
                std::ofstream(path) << "x";
              EXPECT_TRUE(isolation.renew().ok());
              std::string all;
              for (const char* path : {"/tmp/left", "/var/tmp/left", "/dev/shm/left"})
                all += fs::exists(path) ? "there " : "gone ";
              return all;
            }),
            "gone gone gone ");
  for (const char* path : {"/tmp/left", "/var/tmp/left", "/dev/shm/left"})
    EXPECT_FALSE(fs::exists(path));
}

TEST_F(IsolationTest, WhatWasWrittenCanBeKept) {
  EXPECT_EQ(answer_of([&](Isolation& isolation) {
              std::ofstream("/tmp/kept") << "tmp";
              std::ofstream("/var/tmp/kept") << "var";
              std::string all;
              for (const auto& [path, upper] : isolation.written())
                all += path + ": " + content(fmt::format("/proc/self/fd/{}/kept", upper)) + " ";
              return all;
            }),
            "/tmp: tmp /var/tmp: var ");
}

TEST_F(IsolationTest, ACurrentDirectoryBelowTmpIsThatOfTheView) {
  fs::current_path(directory);
  EXPECT_EQ(answer_of([&](Isolation& isolation) {
              std::ofstream("first") << "x";
              EXPECT_TRUE(isolation.renew().ok());
              std::ofstream("second") << "x";
              return fmt::format("{} {} {}", fs::current_path() == directory, fs::exists("first"),
                                 fs::exists("second"));
            }),
            "true false true");
  fs::current_path("/");
  EXPECT_FALSE(fs::exists(directory / "first"));
  EXPECT_FALSE(fs::exists(directory / "second"));
}

TEST_F(IsolationTest, AServiceHasADirectoryOfItsOwnPerExecution) {
  EXPECT_EQ(answer_of([&](Isolation& isolation) {
              std::string all = isolation.make_service_directory("db", "/unused").value();
              std::ofstream(all + "/file") << "x";
              EXPECT_TRUE(isolation.renew().ok());
              const std::string again = isolation.make_service_directory("db", "/unused").value();
              all += " " + again + (fs::is_empty(again) ? " empty" : " not empty");
              return all + " " + isolation.make_service_directory("..", "/unused").value();
            }),
            "/tmp/faultbox-db /tmp/faultbox-db empty /tmp/faultbox-..");
}

TEST_F(IsolationTest, ASharedServiceDirectoryIsPrivateAndRemoved) {
  IsolationOptions options;
  options.wish = IsolationOptions::Wish::kNone;
  const std::string answer = answer_of(
      [&](Isolation& isolation) {
        const std::string path = isolation.make_service_directory("db", directory).value();
        std::ofstream(path + "/file") << "x";
        const bool named = path.starts_with((directory / "db-").string());
        const bool mine = (fs::status(path).permissions() & fs::perms(0777)) == fs::perms(0700);
        EXPECT_TRUE(isolation.renew().ok());
        return fmt::format("{} {} {}", named, mine, fs::exists(path));
      },
      options);
  EXPECT_EQ(answer, "true true false");
}

TEST_F(IsolationTest, AnOrdinaryUserGetsTheSameThroughAUserNamespace) {
  for (const fs::path& path : {directory, directory / "old"})
    ASSERT_EQ(::chown(path.c_str(), 12345, 12345), 0);
  const auto body = [&](Isolation& isolation) {
    const IsolationReport& report = isolation.report();
    std::string all = fmt::format("{} '{}' {} uid {}\n", report.mode, report.why,
                                  report.user_namespace, ::getuid());
    EXPECT_TRUE(isolation.renew().ok());
    all += content(directory / "old");
    std::ofstream(directory / "old") << "changed";
    std::ofstream(directory / "new") << "new";
    fs::create_directory(directory / "sub");
    std::ofstream(directory / "sub/file") << "sub";
    all += " " + content(directory / "old") + " " + content(directory / "new") + " " +
           content(directory / "sub/file");
    fs::remove_all(directory / "sub");
    return all + " " + listen_on(Address::loopback4(80));
  };
  EXPECT_EQ(answer_of(body, {}, 12345), "full '' true uid 12345\nold changed new sub listening");
  EXPECT_EQ(content(directory / "old"), "old");
  EXPECT_FALSE(fs::exists(directory / "new"));
}

// Root, and a user who has to go through a user namespace.
class IsolatedServiceTest : public IsolationTest, public ::testing::WithParamInterface<uid_t> {};
INSTANTIATE_TEST_SUITE_P(User, IsolatedServiceTest, ::testing::Values(0u, 12345u));

TEST_P(IsolatedServiceTest, LivesInsideAndGoesWithTheWorker) {
  class Output final : public ProcessListener {
   public:
    void output(ServiceId, bool, std::string_view bytes) override { text += bytes; }
    void exited(ServiceId, ExitState) override {}
    std::string text;
  };
  const auto body = [&](Isolation& isolation) {
    // Never freed: the worker is to be killed with everything running.
    EpollLoop& loop = *EpollLoop::create().value().release();
    auto& launcher = *new LocalLauncher(loop, nullptr,
                                        {.pid_namespace = isolation.report().processes,
                                         .private_network = isolation.report().network});
    auto& output = *new Output;
    LaunchSpec spec;
    spec.name = "db";
    spec.binary = "/bin/sh";
    spec.cwd = isolation.make_service_directory("db", "").value();
    spec.args = {"-c", "echo x > file; cat file; echo $$; cat /etc/hosts; sleep 1000"};
    std::unique_ptr<Process>* process = new std::unique_ptr<Process>;
    loop.fibers().spawn("launch", [&] { *process = launcher.launch(spec, output).value(); });
    loop.run_until([&] { return output.text.ends_with("localhost\n"); });
    return fmt::format("{}{}", output.text, (*process)->pid());
  };
  auto worker = isolated(body, {}, GetParam());
  const std::string answer = worker->receive().value();
  ASSERT_TRUE(answer.starts_with("x\n2\n127.0.0.1\tlocalhost\n")) << answer;
  const int pid = std::stoi(answer.substr(answer.rfind('\n')));
  ASSERT_GT(pid, 1);
  const Fd service = posix::pidfd_open(pid).value();
  worker.reset();  // SIGKILL
  EXPECT_EQ(posix::poll_readable(std::array{service.get()}, 1s).value(), std::vector{true});
  EXPECT_FALSE(fs::exists("/tmp/faultbox-db"));
}

TEST_F(IsolationTest, TwoHundredRenewalsLeaveNoDescriptorAndNoMount) {
  EXPECT_EQ(answer_of([](Isolation& isolation) {
              const auto count = [] {
                const std::string mountinfo = content("/proc/self/mountinfo");
                return fmt::format("{} {}", std::count(mountinfo.begin(), mountinfo.end(), '\n'),
                                   std::distance(fs::directory_iterator("/proc/self/fd"), {}));
              };
              EXPECT_TRUE(isolation.renew().ok());
              const std::string before = count();
              for (int i = 0; i < 200; ++i) EXPECT_TRUE(isolation.renew().ok());
              return count() == before ? "unchanged" : before + " became " + count();
            }),
            "unchanged");
}

}  // namespace
}  // namespace fb
