// Exact counts of exhaustive exploration on real processes (design: closed forms of the dependence
// relation).
#include "tests/support/run_command.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace fb {
namespace {

using nlohmann::json;

json explore(const std::string& spec) {
  const CommandResult run =
      run_command(FB_GUEST_DIR, FB_BINARY " test " FB_SOURCE_DIR "/tests/specs/" + spec +
                                    ".star --explore=all --keep-going --format json");
  const json document = json::parse(run.out, nullptr, false);
  EXPECT_FALSE(document.is_discarded()) << run.out << run.err;
  if (document.is_discarded() || document["tests"].empty()) return {};
  return document["tests"][0];
}

void expect_counts(const json& test, uint64_t traces, uint64_t failing) {
  ASSERT_TRUE(test.contains("exploration")) << test.dump(2);
  const json& exploration = test["exploration"];
  EXPECT_EQ(exploration["traces"], traces) << exploration.dump(2);
  EXPECT_EQ(exploration["complete"], traces) << exploration.dump(2);
  EXPECT_EQ(exploration["failures"], failing) << exploration.dump(2);
  EXPECT_EQ(exploration["exhausted"], true);
}

TEST(ExploreTest, TwoIncrementsOfOneFileHaveFourTracesTwoOfThemLoseAnUpdate) {
  expect_counts(explore("lost_update"), 4, 2);
}

TEST(ExploreTest, TwoIncrementsOfDifferentFilesHaveOneTrace) {
  expect_counts(explore("independent"), 1, 0);
}

TEST(ExploreTest, ThreeAppendersToOneLogHaveSixTraces) {
  expect_counts(explore("appenders"), 6, 0);
}

}  // namespace
}  // namespace fb
