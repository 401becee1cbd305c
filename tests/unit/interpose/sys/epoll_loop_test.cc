#include "interpose/sys/epoll_loop.h"

#include "interpose/sys/posix.h"

#include <gtest/gtest.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace fb {
namespace {
using namespace std::chrono_literals;

class EpollLoopTest : public ::testing::Test {
 protected:
  std::unique_ptr<EpollLoop> loop = EpollLoop::create().value();
  posix::Pair pair = posix::socket_pair(SOCK_STREAM | SOCK_NONBLOCK).value();
  std::string log;

  void send(int fd, std::string_view text) {
    ASSERT_EQ(::write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  std::string receive(int fd) {
    char buffer[64];
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    return n < 0 ? "" : std::string(buffer, static_cast<size_t>(n));
  }
};

TEST_F(EpollLoopTest, CallsAWatchWhileTheDescriptorIsReady) {
  int calls = 0;
  auto watch = loop->watch(pair.first.get(), {true, false}, [&](Ready ready) {
    EXPECT_TRUE(ready.readable);
    EXPECT_FALSE(ready.writable);
    if (++calls == 2) log = receive(pair.first.get());
  });
  send(pair.second.get(), "hello");
  loop->run_until([&] { return !log.empty(); });
  EXPECT_EQ(log, "hello");
  EXPECT_EQ(calls, 2) << "level-triggered";
}

TEST_F(EpollLoopTest, ReadAndWriteWatchesOfOneDescriptorAreApart) {
  int readable = 0;
  int writable = 0;
  auto read_watch = loop->watch(pair.first.get(), {true, false}, [&](Ready) { ++readable; });
  std::unique_ptr<EpollLoop::Watch> write_watch =
      loop->watch(pair.first.get(), {false, true}, [&](Ready ready) {
        EXPECT_TRUE(ready.writable);
        EXPECT_FALSE(ready.readable);
        ++writable;
        write_watch.reset();
        send(pair.second.get(), "x");
      });
  loop->run_until([&] { return readable == 1; });
  EXPECT_EQ(writable, 1);
}

TEST_F(EpollLoopTest, HandlesOneRoundInTheOrderOfTheWatches) {
  posix::Pair other = posix::socket_pair(SOCK_STREAM | SOCK_NONBLOCK).value();
  std::unique_ptr<EpollLoop::Watch> a, b;
  a = loop->watch(other.first.get(), {true, false}, [&](Ready) {
    log += 'a';
    a.reset();
  });
  b = loop->watch(pair.first.get(), {true, false}, [&](Ready) {
    log += 'b';
    b.reset();
  });
  send(pair.second.get(), "first");
  send(other.second.get(), "second");
  loop->run_until([&] { return log.size() == 2; });
  EXPECT_EQ(log, "ab");
}

TEST_F(EpollLoopTest, ACallbackMayEndTheWatchOfAnotherThatIsReadyToo) {
  posix::Pair other = posix::socket_pair(SOCK_STREAM | SOCK_NONBLOCK).value();
  std::unique_ptr<EpollLoop::Watch> a, b;
  a = loop->watch(other.first.get(), {true, false}, [&](Ready) {
    log += 'a';
    a.reset();
    b.reset();
  });
  b = loop->watch(pair.first.get(), {true, false}, [&](Ready) { log += 'b'; });
  send(pair.second.get(), "x");
  send(other.second.get(), "x");
  auto later = loop->after(5ms, [&] { log += '.'; });
  loop->run_until([&] { return log.ends_with('.'); });
  EXPECT_EQ(log, "a.");
}

TEST_F(EpollLoopTest, AFiberAwaitsBytes) {
  loop->fibers().spawn("reader", [&] {
    EXPECT_TRUE(loop->await_readable(pair.first.get(), 10s));
    log += receive(pair.first.get());
  });
  loop->fibers().spawn("writer", [&] { send(pair.second.get(), "x"); });
  loop->run_until([&] { return loop->fibers().alive() == 0; });
  EXPECT_EQ(log, "x");
}

TEST_F(EpollLoopTest, AnAwaitEndsAtItsLimit) {
  bool ready = true;
  const Instant start = loop->now();
  loop->fibers().spawn("reader", [&] { ready = loop->await_readable(pair.first.get(), 20ms); });
  loop->run_until([&] { return loop->fibers().alive() == 0; });
  EXPECT_FALSE(ready);
  EXPECT_GE(loop->now() - start, 20ms);
}

TEST_F(EpollLoopTest, AwaitSeesTheOtherEndClose) {
  bool ready = false;
  loop->fibers().spawn("reader", [&] { ready = loop->await_readable(pair.first.get(), 10s); });
  loop->fibers().spawn("closer", [&] { pair.second.reset(); });
  loop->run_until([&] { return loop->fibers().alive() == 0; });
  EXPECT_TRUE(ready);
}

TEST_F(EpollLoopTest, ACancelledWaiterLeavesNothingBehind) {
  Fiber& fiber = loop->fibers().spawn(
      "reader", [&] { loop->await_readable(pair.first.get(), Duration::max()); });
  loop->fibers().run_ready();
  FiberPool::cancel(fiber);
  send(pair.second.get(), "x");
  auto timer = loop->after(5ms, [&] { log = "over"; });
  loop->run_until([&] { return log == "over"; });
  EXPECT_EQ(loop->fibers().alive(), 0u);
}

TEST_F(EpollLoopTest, TimersFireByDeadlineAndThenByArming) {
  auto c = loop->after(2ms, [&] { log += 'c'; });
  auto a = loop->after(0s, [&] { log += 'a'; });
  auto x = loop->after(1ms, [&] { log += 'x'; });
  auto b = loop->after(-1s, [&] { log += 'b'; });
  x.reset();
  loop->run_until([&] { return log.ends_with('c'); });
  EXPECT_EQ(log, "abc");
}

TEST_F(EpollLoopTest, ATimerThatReArmsItselfLeavesRoomForOthers) {
  int rounds = 0;
  std::unique_ptr<Timer> again;
  std::function<void()> tick = [&] {
    ++rounds;
    again = loop->after(0s, tick);
  };
  again = loop->after(0s, tick);
  send(pair.second.get(), "x");
  auto watch = loop->watch(pair.first.get(), {true, false}, [&](Ready) { log = "seen"; });
  loop->run_until([&] { return log == "seen"; });
  EXPECT_LE(rounds, 2);
}

TEST_F(EpollLoopTest, TheIdleHookComesAfterEventsAndBeforeBlocking) {
  bool hook_before_event = false;
  int asked = 0;
  auto watch = loop->watch(pair.first.get(), {true, false}, [&](Ready) {
    log += receive(pair.first.get());
    hook_before_event = asked > 0;
  });
  send(pair.second.get(), "x");
  loop->set_idle_hook([&] { return ++asked < 3; });
  auto timer = loop->after(5ms, [&] { log += '.'; });
  loop->run_until([&] { return log.ends_with('.'); });
  EXPECT_FALSE(hook_before_event);
  EXPECT_GE(asked, 3) << "asked again as long as it makes progress";
}

TEST_F(EpollLoopTest, TimeIsMonotonic) {
  const Instant a = loop->now();
  EXPECT_GE(loop->now(), a);
  EXPECT_GT(EpollLoop::unix_time_ns(), 1'600'000'000'000'000'000);
}

}  // namespace
}  // namespace fb
