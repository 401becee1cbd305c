// Partitions between real services, as their users see them.
#include "tests/support/run_command.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

CommandResult run_spec(std::string_view arguments) {
  return run_command(FB_GUEST_DIR,
                     FB_BINARY " test " FB_SOURCE_DIR "/tests/specs/" + std::string(arguments));
}

TEST(PartitionTest, CutsAndHealsWhatRunsBetweenServicesInTwoLanguages) {
  const CommandResult run = run_spec("partitions.star");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.err.find(" passed, 0 failed"), std::string::npos) << run.err;
}

// Nothing of it needs a private network.
TEST(PartitionTest, WorksOnTheNetworkOfTheHost) {
  const CommandResult run = run_spec("partitions.star --isolation none");
  EXPECT_EQ(run.exit_code, 0) << run.err;
}

TEST(PartitionTest, MistakesAreNamed) {
  const CommandResult run = run_spec("partition_mistakes.star");
  EXPECT_EQ(run.exit_code, 2) << run.err;
  for (const char* message :
       {"a partition needs two services, got \"a\" twice",
        "for parameter direction: got \"a<->b\", want \"both\", \"a->b\" or \"b->a\"",
        "for parameter mode: got \"reset\", want \"refuse\" or \"drop\""})
    EXPECT_NE(run.err.find(message), std::string::npos) << message << "\n" << run.err;
}

TEST(PartitionTest, WhereOrderIsControlledItRefusesButWithholdsNothing) {
  const CommandResult run = run_spec("partition_explored.star --explore=all");
  EXPECT_EQ(run.exit_code, 2) << run.err;
  EXPECT_NE(run.err.find("a partition that withholds data"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("1 passed, 1 failed"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace fb
