#include "core/run/test_result.h"

#include <gtest/gtest.h>
#include <vector>

namespace fb {
namespace {

TEST(TestResultTest, CountsByVerdict) {
  SuiteResult suite;
  suite.tests.resize(5);
  suite.tests[0].result = suite.tests[3].result = Verdict::kFail;
  suite.tests[4].result = Verdict::kCancelled;
  EXPECT_EQ(suite.count(Verdict::kPass), 2u);
  EXPECT_EQ(suite.count(Verdict::kFail), 2u);
  EXPECT_EQ(suite.count(Verdict::kCancelled), 1u);
}

TEST(TestResultTest, Names) {
  EXPECT_EQ(verdict_name(Verdict::kCancelled), "cancelled");
  EXPECT_EQ(level_name(Diagnostic::Level::kInfo), "info");
}

TEST(TestResultTest, DiagnosticsAreOrderedByLevelAndElseStay) {
  std::vector<Diagnostic> diagnostics(4);
  diagnostics[0] = {Diagnostic::Level::kInfo, "A", "", "", "", "", {}, ""};
  diagnostics[1] = {Diagnostic::Level::kWarning, "B", "", "", "", "", {}, ""};
  diagnostics[2] = {Diagnostic::Level::kError, "C", "", "", "", "", {}, ""};
  diagnostics[3] = {Diagnostic::Level::kWarning, "A", "", "", "", "", {}, ""};
  sort_by_level(diagnostics);
  std::string order;
  for (const Diagnostic& diagnostic : diagnostics) order += diagnostic.code;
  EXPECT_EQ(order, "CBAA");
}

TEST(TestResultTest, FindsEventsBySeqAlsoInACutLog) {
  TestResult test;
  test.events.resize(2);
  test.events[0].seq = 4;
  test.events[1].seq = 7;
  EXPECT_EQ(test.event_of(7), &test.events[1]);
  EXPECT_EQ(test.event_of(5), nullptr);
  EXPECT_EQ(test.event_of(8), nullptr);
}

TEST(TestResultTest, DriverIsTheHostAfterTheServices) {
  TestResult test;
  test.service_names = {"db"};
  EXPECT_EQ(test.host_name(0), "db");
  EXPECT_EQ(test.host_name(1), "test");
  EXPECT_EQ(test.host_name(2), "host#2");
}

TEST(TestResultTest, ShortNameLacksOnePrefix) {
  EXPECT_EQ(short_test_name("test_disk"), "disk");
  EXPECT_EQ(short_test_name("test_test_disk"), "test_disk");
  EXPECT_EQ(short_test_name("disk"), "disk");
}

}  // namespace
}  // namespace fb
