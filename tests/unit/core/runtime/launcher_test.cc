#include "core/runtime/launcher.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

TEST(ExitStateTest, Text) {
  EXPECT_EQ((ExitState{false, 3}).text(), "exit code 3");
  EXPECT_EQ((ExitState{true, 9}).text(), "signal 9 (SIGKILL)");
  EXPECT_EQ((ExitState{true, 40}).text(), "signal 40 (SIG40)");
}

TEST(SignalNameTest, BothWays) {
  for (int number = 1; number < 32; ++number) EXPECT_EQ(signal_number(signal_name(number)), number);
  EXPECT_EQ(signal_name(15), "SIGTERM");
  EXPECT_EQ(signal_number("SIGNAL"), std::nullopt);
  EXPECT_EQ(signal_number(""), std::nullopt);
}

}  // namespace
}  // namespace fb
