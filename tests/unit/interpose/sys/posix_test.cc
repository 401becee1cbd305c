#include "interpose/sys/posix.h"

#include <array>
#include <cstring>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fb {
namespace {
using namespace std::chrono_literals;

TEST(PosixTest, ErrorsNameTheThingAndTheReason) {
  const auto missing = posix::open("/no/such/file", O_RDONLY);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, Code::kNotFound);
  EXPECT_EQ(missing.error().message, "cannot open '/no/such/file': no such file or directory");
  EXPECT_EQ(posix::error_of(EACCES, "x").code, Code::kPermission);
}

TEST(PosixTest, DescriptorsAreNotInherited) {
  const Fd fd = posix::open("/dev/null", O_RDONLY).value();
  EXPECT_TRUE(::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC);
  const auto pipe = posix::pipe().value();
  EXPECT_TRUE(::fcntl(pipe.second.get(), F_GETFD) & FD_CLOEXEC);
  const auto pair = posix::socket_pair(SOCK_STREAM).value();
  EXPECT_TRUE(::fcntl(pair.first.get(), F_GETFD) & FD_CLOEXEC);
}

TEST(PosixTest, AnFdIsClosedOnceAndMoves) {
  Fd a = posix::open("/dev/null", O_RDONLY).value();
  const int number = a.get();
  Fd b = std::move(a);
  EXPECT_EQ(b.get(), number);
  b.reset();
  EXPECT_EQ(::fcntl(number, F_GETFD), -1);
}

TEST(PosixTest, ReadSomeTellsWouldBlockFromTheEnd) {
  auto pipe = posix::pipe(O_NONBLOCK).value();
  std::array<std::byte, 4> into;
  EXPECT_EQ(posix::read_some(pipe.first.get(), into).value(), std::nullopt);
  pipe.second.reset();
  EXPECT_EQ(posix::read_some(pipe.first.get(), into).value(), 0u);
}

TEST(PosixTest, SendingToAClosedEndIsAnError) {
  auto pair = posix::socket_pair(SOCK_STREAM).value();
  pair.second.reset();
  const std::array<std::byte, 1> byte{};
  EXPECT_EQ(posix::send_all(pair.first.get(), byte).error().code, Code::kGone);
  std::array<std::byte, 1> into{};
  EXPECT_EQ(posix::receive_all(pair.first.get(), into).error().code, Code::kGone);
}

TEST(PosixTest, APidfdTellsPidAndExit) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(7);
  ASSERT_GT(child, 1);
  const Fd pidfd = posix::pidfd_open(child).value();
  EXPECT_EQ(posix::pid_of(pidfd.get()).value(), child);
  EXPECT_EQ(posix::wait_for(pidfd.get()).value(), (ExitState{false, 7}));
  EXPECT_EQ(posix::pid_of(pidfd.get()).error().code, Code::kGone);
  EXPECT_EQ(posix::pidfd_send_signal(pidfd.get(), SIGTERM).error().code, Code::kGone);
}

TEST(PosixTest, AnExitBySignalIsSeenAsOne) {
  const pid_t child = ::fork();
  if (child == 0) {
    while (true) ::pause();
  }
  ASSERT_GT(child, 1);
  const Fd pidfd = posix::pidfd_open(child).value();
  ASSERT_TRUE(posix::pidfd_send_signal(pidfd.get(), SIGKILL).ok());
  EXPECT_EQ(posix::wait_for(pidfd.get()).value(), (ExitState{true, SIGKILL}));
}

TEST(PosixTest, PollSaysWhichOnesAreReadable) {
  const auto quiet = posix::pipe().value();
  const auto loud = posix::pipe().value();
  ASSERT_EQ(::write(loud.second.get(), "x", 1), 1);
  const std::array fds{quiet.first.get(), loud.first.get()};
  EXPECT_EQ(posix::poll_readable(fds, {}).value(), (std::vector<bool>{false, true}));
  EXPECT_EQ(posix::poll_readable(std::array{quiet.first.get()}, 1ms).value(),
            std::vector<bool>{false});
}

}  // namespace
}  // namespace fb
