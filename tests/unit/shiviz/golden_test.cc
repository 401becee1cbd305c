// Each writer's whole output for the sample suite, as files to read: tests/golden/shiviz.
#include "tests/support/golden.h"

#include "shiviz/human_writer.h"
#include "shiviz/registry.h"
#include "tests/support/sample_results.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

using testing::matches_golden;
using testing::sample_suite;

std::string written(std::string_view writer, const WriteOptions& options = {}) {
  return find_trace_writer(writer)->write(sample_suite(), options);
}

TEST(GoldenTest, Human) {
  EXPECT_TRUE(matches_golden(written("human"), "shiviz/human.txt"));
}

TEST(GoldenTest, HumanColour) {
  WriteOptions options;
  options.colour = Colour::kOn;
  EXPECT_TRUE(matches_golden(written("human", options), "shiviz/human_colour.txt"));
}

TEST(GoldenTest, HumanFailuresOnly) {
  WriteOptions options;
  options.failures_only = true;
  EXPECT_TRUE(matches_golden(written("human", options), "shiviz/human_failures.txt"));
}

TEST(GoldenTest, Json) {
  EXPECT_TRUE(matches_golden(written("json"), "shiviz/suite.json"));
}

TEST(GoldenTest, Junit) {
  EXPECT_TRUE(matches_golden(written("junit"), "shiviz/junit.xml"));
}

TEST(GoldenTest, Normalized) {
  EXPECT_TRUE(matches_golden(written("normalized"), "shiviz/normalized.txt"));
}

TEST(GoldenTest, Shiviz) {
  EXPECT_TRUE(matches_golden(written("shiviz"), "shiviz/shiviz.log"));
}

}  // namespace
}  // namespace fb
