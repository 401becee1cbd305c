#include "interpose/process/worker.h"

#include "interpose/sys/posix.h"

#include <array>
#include <gtest/gtest.h>
#include <signal.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace fb {
namespace {
using namespace std::chrono_literals;

// Answers until the parent is gone; some requests are special.
int serve(WorkerChannel& channel) {
  while (true) {
    auto request = channel.receive();
    if (!request.ok()) return 0;
    if (request.value() == "exit") return 7;
    if (request.value() == "crash") ::raise(SIGKILL);
    if (request.value() == "session") request = std::to_string(::getsid(0) == ::getpid());
    if (request.value() == "pid") request = std::to_string(::getpid());
    if (!channel.send("<" + request.value() + ">").ok()) return 1;
  }
}

std::unique_ptr<Worker> start() {
  return Worker::start(serve).value();
}

std::string ask(Worker& worker, std::string_view request) {
  const Status sent = worker.send(request);
  if (!sent.ok()) return sent.error().message;
  const auto answer = worker.receive();
  return answer.ok() ? answer.value() : answer.error().message;
}

TEST(WorkerTest, AnswersRequests) {
  auto worker = start();
  EXPECT_EQ(ask(*worker, "hello"), "<hello>");
  EXPECT_EQ(ask(*worker, ""), "<>");
  EXPECT_EQ(ask(*worker, "pid"), "<" + std::to_string(worker->pid()) + ">");
}

TEST(WorkerTest, LongMessagesArriveWhole) {
  auto worker = start();
  const std::string megabytes(5 << 20, 'x');
  EXPECT_EQ(ask(*worker, megabytes), "<" + megabytes + ">");
}

TEST(WorkerTest, HasASessionOfItsOwn) {
  auto worker = start();
  EXPECT_EQ(ask(*worker, "session"), "<1>");
}

TEST(WorkerTest, ItsEndIsReportedWithTheExitCode) {
  auto worker = start();
  EXPECT_EQ(ask(*worker, "exit"), "worker ended with exit code 7");
  EXPECT_EQ(worker->end(), (ExitState{false, 7}));
  EXPECT_EQ(ask(*worker, "more"), "worker ended with exit code 7") << "and again";
}

TEST(WorkerTest, ItsDeathIsReportedWithTheSignal) {
  auto worker = start();
  EXPECT_EQ(ask(*worker, "crash"), "worker ended by signal 9 (SIGKILL)");
}

TEST(WorkerTest, DestroyingItKillsIt) {
  auto worker = Worker::start([](WorkerChannel& channel) {
                  (void)channel.send("up");
                  while (true) ::pause();
                  return 0;
                }).value();
  EXPECT_EQ(worker->receive().value(), "up");
  const pid_t pid = worker->pid();
  const Fd pidfd = posix::pidfd_open(pid).value();
  worker.reset();
  EXPECT_EQ(posix::pidfd_send_signal(pidfd.get(), 0).error().code, Code::kGone);
}

TEST(WorkerTest, TheOneThatAnswersIsFound) {
  auto a = start(), b = start(), c = start();
  const std::array<Worker*, 3> workers{a.get(), b.get(), c.get()};
  EXPECT_EQ(await_any_worker(workers, 0ms).value(), std::nullopt);
  ASSERT_TRUE(b->send("x").ok());
  EXPECT_EQ(await_any_worker(workers).value(), 1u);
  EXPECT_EQ(b->receive().value(), "<x>");
  ASSERT_TRUE(c->send("crash").ok());
  EXPECT_EQ(await_any_worker(workers).value(), 2u) << "a death is something to receive";
  EXPECT_FALSE(c->receive().ok());
}

TEST(WorkerTest, AnotherDescriptorEndsTheWait) {
  auto a = start();
  const std::array<Worker*, 1> workers{a.get()};
  const auto pipe = posix::pipe().value();
  ASSERT_EQ(::write(pipe.second.get(), "x", 1), 1);
  EXPECT_EQ(await_any_worker(workers, {}, pipe.first.get()).value(), std::nullopt);
}

TEST(WorkerTest, EachOneSeesTheEndOfTheParentAtOnce) {
  // A parent that is killed while it has two workers; the pipe closes when all three are gone.
  auto pipe = posix::pipe().value();
  const pid_t parent = ::fork();
  if (parent == 0) {
    auto a = start(), b = start();
    (void)!::write(pipe.second.get(), ask(*a, "x") == "<x>" && ask(*b, "x") == "<x>" ? "+" : "-",
                   1);
    while (true) ::pause();
  }
  ASSERT_GT(parent, 1);
  const Fd pidfd = posix::pidfd_open(parent).value();
  pipe.second.reset();
  char byte = 0;
  ASSERT_EQ(::read(pipe.first.get(), &byte, 1), 1);
  EXPECT_EQ(byte, '+');
  ASSERT_TRUE(posix::pidfd_send_signal(pidfd.get(), SIGKILL).ok());
  EXPECT_EQ(posix::poll_readable(std::array{pipe.first.get()}, 1s).value(), std::vector{true});
  EXPECT_EQ(::read(pipe.first.get(), &byte, 1), 0);
  (void)posix::wait_for(pidfd.get());
}

TEST(WorkerTest, ALaterOneDoesNotHoldTheSocketsOfEarlierOnes) {
  auto a = start(), b = start(), c = start();
  ASSERT_EQ(ask(*c, "x"), "<x>");
  size_t sockets = 0;
  for (int fd = 3; fd < 64; ++fd) {
    const std::string link = "/proc/" + std::to_string(c->pid()) + "/fd/" + std::to_string(fd);
    std::array<char, 64> target;
    const ssize_t n = ::readlink(link.c_str(), target.data(), target.size());
    if (n > 0 && std::string_view(target.data(), static_cast<size_t>(n)).starts_with("socket:"))
      ++sockets;
  }
  EXPECT_EQ(sockets, 1u) << "its own end only";
}

}  // namespace
}  // namespace fb
