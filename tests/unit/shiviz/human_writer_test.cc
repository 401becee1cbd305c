#include "shiviz/human_writer.h"

#include "core/base/text.h"
#include "shiviz/human_text.h"
#include "tests/support/sample_results.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <re2/re2.h>
#include <string>

namespace fb {
namespace {

std::string written(const SuiteResult& suite, const WriteOptions& options = {}) {
  return HumanWriter().write(suite, options);
}

SuiteResult runs(std::vector<Verdict> verdicts, uint64_t total) {
  SuiteResult suite;
  suite.runs = total;
  for (size_t i = 0; i < verdicts.size(); ++i) {
    TestResult test;
    test.name = "test_a";
    test.result = verdicts[i];
    test.run = i;
    test.seed = i;
    suite.tests.push_back(test);
  }
  return suite;
}

std::string header_of(const ExplorationReport& exploration, Verdict verdict) {
  SuiteResult suite;
  suite.tests.resize(1);
  suite.tests[0].name = "test_a";
  suite.tests[0].result = verdict;
  suite.tests[0].exploration = exploration;
  const std::string text = written(suite);
  return text.substr(1, text.find('\n', 1) - 1);
}

TEST(HumanWriterTest, EmptySuite) {
  EXPECT_EQ(written({}), "\n0 passed, 0 failed\n");
}

TEST(HumanWriterTest, PassingTestIsItsHeader) {
  SuiteResult suite;
  suite.tests.resize(1);
  suite.tests[0].name = "test_a";
  suite.tests[0].duration_ms = 12;
  suite.tests[0].seed = 3;
  EXPECT_EQ(written(suite), "\n--- PASS: test_a (12ms, seed=3) ---\n\n1 passed, 0 failed\n");
}

TEST(HumanWriterTest, CancelledIsCountedOnItsOwn) {
  SuiteResult suite;
  suite.tests.resize(1);
  suite.tests[0].result = Verdict::kCancelled;
  const std::string text = written(suite);
  EXPECT_TRUE(text.ends_with("\n0 passed, 0 failed, 1 cancelled\n")) << text;
}

TEST(HumanWriterTest, RunsThatAllPassAreOneLine) {
  EXPECT_EQ(written(runs({Verdict::kPass, Verdict::kPass, Verdict::kPass}, 3)),
            "\n--- PASS: test_a (3/3 runs) ---\n\n3 passed, 0 failed\n");
}

TEST(HumanWriterTest, RunsUpToTheFirstFailure) {
  EXPECT_EQ(written(runs({Verdict::kPass, Verdict::kPass, Verdict::kFail}, 10)),
            "\n--- FAIL: test_a (0ms, seed=2) ---\n  (2/3 runs passed before failure)\n"
            "\n2 passed, 1 failed\n");
}

TEST(HumanWriterTest, PassesCanBeLeftOutTheCountsStay) {
  WriteOptions options;
  options.failures_only = true;
  EXPECT_EQ(written(runs({Verdict::kPass, Verdict::kPass}, 2), options), "\n2 passed, 0 failed\n");
}

TEST(HumanWriterTest, HeadersOfExplorations) {
  ExplorationReport e;
  e.mode = "all";
  e.traces = 36;
  e.executions = 36;
  e.exhausted = true;
  e.seconds = 1.1;
  EXPECT_EQ(header_of(e, Verdict::kPass),
            "--- PASS: test_a (all 36 traces, 36 executions, 0 redundant, 1.1s) ---");
  EXPECT_EQ(header_of(e, Verdict::kFail),
            "--- FAIL: test_a (explored 36 of 36 traces in 1.1s, seed=0) ---");
  e.exhausted = false;
  EXPECT_EQ(header_of(e, Verdict::kFail),
            "--- FAIL: test_a (explored 36 of ? traces in 1.1s, seed=0) ---");
  EXPECT_EQ(header_of(e, Verdict::kPass),
            "--- PASS: test_a (explored 36 of ? traces, 36 executions, 0 redundant, 1.1s, seed=0) "
            "---");
}

TEST(HumanWriterTest, OnlyAnExhaustedSearchSaysAll) {
  SuiteResult suite = testing::sample_suite();
  suite.tests = {suite.tests[2]};
  suite.tests[0].result = Verdict::kPass;
  const std::string text = written(suite);
  EXPECT_FALSE(RE2::PartialMatch(text, R"(\ball\b)")) << text;
}

TEST(HumanTextTest, ControlCharactersBecomeVisible) {
  EXPECT_EQ(printable("a\x1b[31mb\r\n\tc\x7f"), "a\\x1b[31mb\\x0d\n\tc\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"), "\\x9b");
  EXPECT_EQ(printable("ü\xff"), "ü\xef\xbf\xbd");
  EXPECT_EQ(printable_line("a\nb"), "a\\nb");
}

TEST(HumanTextTest, PaddingCountsCharacters) {
  EXPECT_EQ(padded("äb", 4), "äb  ");
  EXPECT_EQ(padded("abcde", 4), "abcde");
}

// Whatever services wrote: printable UTF-8, and no colour unless asked for.
RC_GTEST_PROP(HumanWriterProperty, ReportsArePrintable, ()) {
  SuiteResult suite;
  suite.tests = {*testing::any_test_result(), *testing::any_test_result()};
  suite.isolation_mode = suite.isolation_why = suite.tests[0].reason;
  suite.diagnostics = suite.tests[0].diagnostics;
  suite.runs = *rc::gen::inRange<uint64_t>(1, 3);
  const std::string text = written(suite);
  RC_ASSERT(is_valid_utf8(text));
  for (char c : text) RC_ASSERT(c == '\n' || c == '\t' || static_cast<unsigned char>(c) >= 0x20);
}

}  // namespace
}  // namespace fb
