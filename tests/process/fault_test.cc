// The spec words on real services in three languages, as their users see them.
#include "tests/support/run_command.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

TEST(FaultTest, EveryFaultTakesEffectOnServicesInThreeLanguages) {
  const CommandResult run =
      run_command(FB_GUEST_DIR, FB_BINARY " test " FB_SOURCE_DIR "/tests/specs/faults.star");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.err.find("14 passed, 0 failed"), std::string::npos) << run.err;
}

TEST(FaultTest, ADenialThatTheTestDoesNotExpectFailsItWithTheEventAndTheReplayCommand) {
  const CommandResult run = run_command(
      FB_GUEST_DIR, FB_BINARY " test " FB_SOURCE_DIR "/tests/specs/unexpected.star --seed 7");
  EXPECT_EQ(run.exit_code, 2) << run.err;
  EXPECT_NE(run.err.find("assert_eq failed: \"error: Input/output error\" != \"ok\""),
            std::string::npos)
      << run.err;
  EXPECT_NE(run.err.find("unexpected.star --test disk_error --seed 7"), std::string::npos)
      << run.err;
  EXPECT_NE(run.err.find("deny(input/output error)"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace fb
