#include "core/trace/diff.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace fb {
namespace {

const std::string kPut =
    "=== test_put ===\n--- api ---\nservice_started\nservice_ready\n--- db ---\nservice_started\n"
    "service_ready\nwrite allow /data/a.wal\nfsync allow /data/a.wal\nsendto allow socket\n"
    "close allow /data/a.wal\n--- test ---\nstep_send db\nstep_recv db\n";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string diff(const std::string& a, const std::string& b) {
  return diff_traces(a, b, Colour::kOff).text;
}

TEST(DiffTest, EqualTextsAreIdentical) {
  const TraceDiff same = diff_traces(kPut, kPut, Colour::kOn);
  EXPECT_TRUE(same.identical);
  EXPECT_EQ(same.text, "traces are identical\n");
}

TEST(DiffTest, WhiteSpaceAroundTheTextDoesNotCount) {
  EXPECT_TRUE(diff_traces("\n" + kPut + "\n\n", kPut, Colour::kOff).identical);
  EXPECT_TRUE(diff_traces("", "\n", Colour::kOff).identical);
}

TEST(DiffTest, ChangedLineInTheDocumentedForm) {
  const std::string other =
      replaced(kPut, "fsync allow /data", "fsync deny(input/output error) /data");
  EXPECT_FALSE(diff_traces(kPut, other, Colour::kOff).identical);
  EXPECT_EQ(diff(kPut, other),
            "traces differ (14 vs 14 lines):\n"
            "test test_put, service db\n"
            "  line 9:\n"
            "      write allow /data/a.wal\n"
            "    - fsync allow /data/a.wal\n"
            "    + fsync deny(input/output error) /data/a.wal\n");
}

TEST(DiffTest, ColourIsAroundTheChangedLinesOnly) {
  const std::string text =
      diff_traces(kPut, replaced(kPut, "close allow", "close trace"), Colour::kOn).text;
  EXPECT_EQ(text,
            "traces differ (14 vs 14 lines):\n"
            "test test_put, service db\n"
            "  line 11:\n"
            "      sendto allow socket\n"
            "    \x1b[31m- close allow /data/a.wal\x1b[0m\n"
            "    \x1b[32m+ close trace /data/a.wal\x1b[0m\n");
}

TEST(DiffTest, InsertionAndRemovalAreSeparateChanges) {
  std::string other = replaced(kPut, "write allow /data/a.wal\n", "");
  other = replaced(other, "close allow /data/a.wal\n", "close allow /data/a.wal\nexit allow /x\n");
  EXPECT_EQ(diff(kPut, other),
            "traces differ (14 vs 14 lines):\n"
            "test test_put, service db\n"
            "  line 8:\n"
            "      service_ready\n"
            "    - write allow /data/a.wal\n"
            "test test_put, service db\n"
            "  line 12:\n"
            "      close allow /data/a.wal\n"
            "    + exit allow /x\n");
}

TEST(DiffTest, FirstLineOfASectionHasNoLineBefore) {
  EXPECT_EQ(diff(kPut, replaced(kPut, "step_send db", "step_send api")),
            "traces differ (14 vs 14 lines):\n"
            "test test_put, service test\n"
            "  line 13:\n"
            "    - step_send db\n"
            "    + step_send api\n");
}

TEST(DiffTest, ASectionOnOneSideIsOneChange) {
  const std::string other = kPut + "--- web ---\nservice_started\n";
  EXPECT_EQ(diff(kPut, other),
            "traces differ (14 vs 16 lines):\n"
            "test test_put, service web\n"
            "  line 15:\n"
            "    + --- web ---\n"
            "    + service_started\n");
  EXPECT_EQ(diff(other, kPut),
            "traces differ (16 vs 14 lines):\n"
            "test test_put, service web\n"
            "  line 15:\n"
            "    - --- web ---\n"
            "    - service_started\n");
}

TEST(DiffTest, AnEmptyTestOnOneSideIsADifference) {
  EXPECT_EQ(diff(kPut, kPut + "=== test_z ===\n"),
            "traces differ (14 vs 15 lines):\ntest test_z\n  line 15:\n    + === test_z ===\n");
}

TEST(DiffTest, RunsOfOneTestAreComparedByNumber) {
  const std::string other = replaced(kPut, "sendto allow", "sendto trace");
  EXPECT_TRUE(diff_traces(kPut + other, kPut + other, Colour::kOff).identical);
  const std::string text = diff(kPut + kPut, kPut + other);
  EXPECT_NE(text.find("  line 24:\n"), std::string::npos) << text;
}

TEST(DiffTest, OtherTextsAreComparedToo) {
  EXPECT_EQ(diff("a\nb\n", "a\nc\n"),
            "traces differ (2 vs 2 lines):\n"
            "before the first test\n  line 2:\n      a\n    - b\n    + c\n");
}

// Taking away what the diff removes and putting in what it adds turns one text into the other, and
// nothing else is touched: checked by counting lines.
RC_GTEST_PROP(DiffProperty, CountsOfChangedLinesExplainTheDifference, ()) {
  const auto make = [] {
    std::string text = "=== test_x ===\n";
    for (const char* service : {"a", "b"}) {
      text += std::string("--- ") + service + " ---\n";
      for (int n = *rc::gen::inRange(0, 12); n > 0; --n) {
        text += "call" + std::to_string(*rc::gen::inRange(0, 4)) + " allow\n";
      }
    }
    return text;
  };
  const std::string a = make(), b = make();
  const TraceDiff result = diff_traces(a, b, Colour::kOff);
  RC_ASSERT(result.identical == (a == b));
  const auto count = [&](const std::string& text, const std::string& mark) {
    long n = 0;
    for (size_t at = 0; (at = text.find(mark, at)) != std::string::npos; ++at) ++n;
    return n;
  };
  RC_ASSERT(count(a, "\n") - count(result.text, "\n    - ") + count(result.text, "\n    + ") ==
            count(b, "\n"));
}

}  // namespace
}  // namespace fb
