#include "core/run/diagnose_assertions.h"

#include "core/run/diagnose.h"
#include "tests/support/log_builder.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

using test::fault_of;
using test::LogBuilder;
constexpr ServiceId kDb = LogBuilder::kDb;

// --- ASSERTION_MISMATCH

TEST(AssertionMismatchTest, TellsWhatFiredBeforeAndWhatCameClosest) {
  TestResult result = LogBuilder().result(Verdict::kFail);
  result.failure_type = "assertion";
  result.reason = "assert_eq failed: 200 != 503";
  result.error_detail =
      ErrorDetail{.position = "a.star:3:5", .closest = {{4, "decision=\"deny*\" (is \"allow\")"}}};
  result.faults = {fault_of("db", "fsync", "deny", 2)};
  add_assertion_mismatch(result);
  ASSERT_EQ(result.diagnostics.size(), 1u);
  const Diagnostic& found = result.diagnostics[0];
  EXPECT_EQ(found.level, Diagnostic::Level::kError);
  EXPECT_EQ(found.code, "ASSERTION_MISMATCH");
  EXPECT_EQ(found.message, result.reason);
  EXPECT_EQ(found.suggestion,
            "faults that fired before: db: fsync=deny(EIO) (2 hits); closest events: #4: "
            "decision=\"deny*\" (is \"allow\")");
  EXPECT_EQ(found.position, "a.star:3:5");
  EXPECT_EQ(found.events, (std::vector<uint64_t>{4}));
}

TEST(AssertionMismatchTest, SaysWhenNoFaultHadFired) {
  TestResult result = LogBuilder().result(Verdict::kFail);
  result.failure_type = "assertion";
  result.faults = {fault_of("db", "fsync", "deny", 0)};
  add_assertion_mismatch(result);
  EXPECT_EQ(result.diagnostics.at(0).suggestion, "no fault had fired before");
}

TEST(AssertionMismatchTest, SilentForOtherFailures) {
  TestResult result = LogBuilder().result(Verdict::kFail);
  result.failure_type = "timeout";
  add_assertion_mismatch(result);
  EXPECT_TRUE(result.diagnostics.empty());
}

// --- TEST_NO_ASSERTIONS

TEST(NoAssertionsTest, ATestThatCouldNotFailIsTold) {
  LogBuilder log;
  log.receive(log.send("api", "post", "http"), "200", true);
  log.receive(log.send("api", "post", "http"), "200", true);
  log.add(kDb, EventType::kFaultApplied);
  TestResult result = log.result(Verdict::kPass);
  add_no_assertions(result, {});
  ASSERT_EQ(result.diagnostics.size(), 1u);
  EXPECT_EQ(result.diagnostics[0].level, Diagnostic::Level::kWarning);
  EXPECT_EQ(result.diagnostics[0].code, "TEST_NO_ASSERTIONS");
  EXPECT_EQ(result.diagnostics[0].message, "test_x passed without an assertion or a monitor");
  EXPECT_EQ(result.diagnostics[0].suggestion,
            "assert what must hold of api.post (2x) under its faults");
}

TEST(NoAssertionsTest, SilentWhenItChecksOrFails) {
  TestResult passed = LogBuilder().result(Verdict::kPass);
  add_no_assertions(passed, {.asserted = true});
  add_no_assertions(passed, {.monitored = true});
  EXPECT_TRUE(passed.diagnostics.empty());
  TestResult other = LogBuilder().result(Verdict::kFail);
  add_no_assertions(other, {});
  EXPECT_TRUE(other.diagnostics.empty());
}

// --- NO_POSITIVE_CONTROL

TestResult suite_test(const std::string& name, bool step, std::vector<EventType> scopes) {
  LogBuilder log;
  for (EventType scope : scopes) log.add(kDb, scope);
  if (step) log.receive(log.send("api", "post", "http"), "200", true);
  TestResult result = log.result(Verdict::kPass);
  result.name = name;
  return result;
}

TEST(PositiveControlTest, FaultsWithoutAFaultFreeTestAreTold) {
  SuiteResult suite;
  suite.tests = {suite_test("test_a", true, {EventType::kFaultApplied}),
                 suite_test("test_b", false, {}),
                 suite_test("test_c", true, {EventType::kTraceApplied})};
  const auto found = no_positive_control(suite);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->level, Diagnostic::Level::kWarning);
  EXPECT_EQ(
      found->message,
      "test_a injects faults, and no test sends a step without any fault, trace or partition");
  EXPECT_EQ(found->suggestion, "add a fault-free test of the same path: api.post");
}

TEST(PositiveControlTest, SilentWithAControlOrWithoutFaults) {
  SuiteResult suite;
  suite.tests = {suite_test("test_a", true, {EventType::kProxyFaultApplied}),
                 suite_test("test_b", true, {})};
  EXPECT_EQ(no_positive_control(suite), std::nullopt);
  suite.tests = {suite_test("test_a", true, {EventType::kTraceApplied})};
  EXPECT_EQ(no_positive_control(suite), std::nullopt);
  EXPECT_EQ(no_positive_control({}), std::nullopt);
}

// --- SERVICE_CRASHED

TEST(CrashDiagnosticTest, TellsTheLastFaultAndHowLongBefore) {
  LogBuilder log;
  log.call(kDb, "write", "deny(input/output error)", "/tmp/a", "|write=deny(EIO)|0");
  log.call(kDb, "fsync", "deny(input/output error)", "", "|fsync=deny(EIO)|0");
  log.call(LogBuilder::kApi, "write", "deny(input/output error)", "/tmp/b", "|write=deny(EIO)|0");
  log.pass(std::chrono::milliseconds(39));
  const Diagnostic found =
      crash_diagnostic("db", {.signalled = true, .code = 11}, "oops\n", log.log(), log.now());
  EXPECT_EQ(found.suggestion,
            "the last fault that fired on it, 40ms before: #2 fsync deny(input/output error)");
  EXPECT_EQ(found.events, (std::vector<uint64_t>{2}));
  EXPECT_NE(found.message.find("oops"), std::string::npos);
}

TEST(CrashDiagnosticTest, SaysWhenNoFaultHadFired) {
  LogBuilder log;
  log.call(kDb, "fsync", "allow", "");
  EXPECT_EQ(crash_diagnostic("db", {}, "", log.log(), log.now()).suggestion,
            "no fault had fired on it");
}

}  // namespace
}  // namespace fb
