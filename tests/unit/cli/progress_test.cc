#include "cli/progress.h"

#include <gtest/gtest.h>

namespace fb::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ProgressTest, NamesTheTestsThatRunAndTheFailures) {
  ProgressFacts facts{.done = 3, .total = 12, .failures = 1};
  facts.running = {{"test_a", milliseconds(1240)}, {"test_b", milliseconds(400)}};
  EXPECT_EQ(progress_line(facts, 80), "[3/12] test_a 1.2s, test_b 0.4s · 1 failed");
}

TEST(ProgressTest, RunsHaveARateAndAnEstimate) {
  ProgressFacts facts{.done = 0, .total = 1};
  facts.running = {{"test_a", seconds(4)}};
  facts.unit = "runs";
  facts.units = 40;
  facts.units_total = 100;
  facts.units_time = seconds(4);
  EXPECT_EQ(progress_line(facts, 120),
            "[0/1] test_a 4.0s · 0 failed · 40/100 runs, 10/s, about 6s left");
}

TEST(ProgressTest, ASearchWithoutABoundHasARateOnly) {
  ProgressFacts facts{.done = 0, .total = 1};
  facts.running = {{"test_a", seconds(2)}};
  facts.unit = "executions";
  facts.units = 9;
  facts.units_time = seconds(2);
  EXPECT_EQ(progress_line(facts, 120), "[0/1] test_a 2.0s · 0 failed · 9 executions, 4.5/s");
}

TEST(ProgressTest, FitsTheTerminal) {
  ProgressFacts facts{.done = 3, .total = 12};
  facts.running = {{"test_with_quite_a_long_name", seconds(1)}};
  EXPECT_EQ(progress_line(facts, 20), "[3/12] test_with_q…");
  for (size_t columns = 2; columns < 70; ++columns) {
    const std::string line = progress_line(facts, columns);
    size_t characters = 0;
    for (const char c : line) characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    EXPECT_LT(characters, columns);
  }
}

TEST(ProgressTest, ManyTestsAreCounted) {
  ProgressFacts facts{.done = 0, .total = 9};
  for (const char* name : {"a", "b", "c", "d", "e"}) facts.running[name] = seconds(1);
  EXPECT_EQ(progress_line(facts, 80), "[0/9] a 1.0s, b 1.0s, c 1.0s and 2 more · 0 failed");
}

}  // namespace
}  // namespace fb::cli
