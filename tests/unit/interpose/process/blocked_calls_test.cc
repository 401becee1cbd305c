#include "interpose/process/blocked_calls.h"

#include <array>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>

namespace fb {
namespace {

std::string target_of_fd(int fd) {
  return fd == 7 ? "socket:[4711]" : "";
}
std::string line(long number, std::string_view rest) {
  return fmt::format("{} {}", number, rest);
}
constexpr std::string_view kRest = "0x7 0x1 0x0 0x0 0x0 0x0 0x7ffd 0x7f00\n";

TEST(BlockedCallsTest, NamesTheCallAndWhatItIsAbout) {
  EXPECT_EQ(blocked_call(line(SYS_read, kRest), target_of_fd), "read socket:[4711]");
  EXPECT_EQ(blocked_call(line(SYS_accept4, kRest), target_of_fd), "accept4 socket:[4711]");
  EXPECT_EQ(blocked_call(line(SYS_futex, kRest), target_of_fd), "futex");
  EXPECT_EQ(blocked_call(line(SYS_read, "0x8 0x1 0x0 0x0 0x0 0x0 0x7ffd 0x7f00"), target_of_fd),
            "read");
}

TEST(BlockedCallsTest, WhatRunsOrIsNoCallIsNotListed) {
  EXPECT_EQ(blocked_call("running\n", target_of_fd), std::nullopt);
  EXPECT_EQ(blocked_call("-1 0x7ffd 0x7f00\n", target_of_fd), std::nullopt);
  EXPECT_EQ(blocked_call("999999 0x7 0x1 0x0 0x0 0x0 0x0", target_of_fd), std::nullopt);
  const std::string whole = line(SYS_read, "0x7 0x1 0x0 0x0 0x0 0x0");
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(blocked_call(whole.substr(0, size), target_of_fd), std::nullopt) << size;
}

TEST(BlockedCallsTest, OurOwnThreadIsInTheReadThatAsks) {
  const std::array self{::getpid()};
  const auto calls = blocked_calls(self);
  // A process may always read what it does itself: it reads the file that says so.
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_NE(calls[0].find("read"), std::string::npos) << calls[0];
}

}  // namespace
}  // namespace fb
