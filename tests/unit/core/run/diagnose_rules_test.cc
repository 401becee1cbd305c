#include "core/run/diagnose_rules.h"

#include "tests/support/log_builder.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

using test::fault_of;
using test::find_diagnostic;
using test::LogBuilder;
constexpr ServiceId kApi = LogBuilder::kApi, kDb = LogBuilder::kDb;

// --- FAULT_FIRED_BUT_SUCCESS

class UncheckedErrorTest : public ::testing::Test {
 protected:
  static constexpr const char* kRule = "|fsync=deny(EIO)|0";
  TestResult diagnosed(Verdict verdict = Verdict::kPass, bool by_clock = false) {
    TestResult result = log_.result(verdict);
    result.faults = {fault_of("db", "fsync", "deny", 1)};
    add_unchecked_errors(result, log_.steps(), by_clock);
    return result;
  }
  const char* deny() { return "deny(input/output error)"; }

  LogBuilder log_;
};

TEST_F(UncheckedErrorTest, AnErrorThatNoAnswerShowsIsReported) {
  const size_t step = log_.send("api", "post", "http");
  const uint64_t denial = log_.call(kDb, "fdatasync", deny(), "/tmp/a.wal", kRule);
  const uint64_t answer = log_.receive(step, "200", true);
  const TestResult result = diagnosed();
  const Diagnostic* found = find_diagnostic(result, "FAULT_FIRED_BUT_SUCCESS");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->level, Diagnostic::Level::kWarning);
  EXPECT_EQ(found->message, "fdatasync of /tmp/a.wal failed (#2) but api.post answered 200 (#3)");
  EXPECT_EQ(found->service, "db");
  EXPECT_EQ(found->events, (std::vector<uint64_t>{denial, answer}));
}

TEST_F(UncheckedErrorTest, AnAnswerThatShowsItIsEnough) {
  const size_t step = log_.send("api", "post", "http");
  log_.call(kDb, "fsync", deny(), "/tmp/a.wal", kRule);
  log_.receive(step, "503", true);
  EXPECT_TRUE(diagnosed().diagnostics.empty());
}

TEST_F(UncheckedErrorTest, OneOfSeveralAnswersThatShowsItIsEnough) {
  const size_t first = log_.send("api", "post", "http"), second = log_.send("db", "send", "tcp");
  log_.call(kDb, "fsync", deny(), "/tmp/a.wal", kRule);
  log_.receive(first, "200", true);
  log_.receive(second, "0", false);
  EXPECT_TRUE(diagnosed().diagnostics.empty());
}

TEST_F(UncheckedErrorTest, OtherProtocolsSucceedByOk) {
  const size_t step = log_.send("db", "send", "tcp");
  log_.call(kDb, "fsync", deny(), "", kRule);
  log_.receive(step, "0", true);
  EXPECT_EQ(diagnosed().diagnostics.at(0).message,
            "fsync failed (#2) but db.send answered ok (#3)");
}

TEST_F(UncheckedErrorTest, ARetryThatWentThroughIsNoUncheckedError) {
  const size_t step = log_.send("api", "post", "http");
  log_.call(kDb, "fsync", deny(), "/tmp/a.wal", kRule);
  log_.call(kDb, "fdatasync", "allow", "/tmp/a.wal");
  log_.receive(step, "200", true);
  EXPECT_TRUE(diagnosed().diagnostics.empty());
}

TEST_F(UncheckedErrorTest, WhatIsNoRetryDoesNotCountAsOne) {
  const size_t step = log_.send("api", "post", "http");
  log_.call(kDb, "fsync", "allow", "/tmp/a.wal");  // before
  log_.call(kDb, "fsync", deny(), "/tmp/a.wal", kRule);
  log_.call(kDb, "fsync", "allow", "/tmp/b.wal");                          // another file
  log_.call(kDb, "write", "allow", "/tmp/a.wal");                          // another family
  log_.call(kApi, "fsync", "allow", "/tmp/a.wal");                         // another service
  log_.call(kDb, "fsync", "deny(no space left on device)", "/tmp/a.wal");  // not made
  log_.receive(step, "200", true);
  log_.call(kDb, "fsync", "allow", "/tmp/a.wal");  // too late
  EXPECT_EQ(diagnosed().diagnostics.size(), 1u);
}

TEST_F(UncheckedErrorTest, ErrorsOutsideOfEveryStepAreNobodysAnswer) {
  log_.call(kDb, "fsync", deny(), "/tmp/a.wal", kRule);
  const size_t step = log_.send("api", "post", "http");
  log_.receive(step, "200", true);
  log_.call(kDb, "fsync", deny(), "/tmp/a.wal", kRule);
  log_.send("api", "post", "http");  // never answered
  log_.call(kDb, "fsync", deny(), "/tmp/a.wal", kRule);
  EXPECT_TRUE(diagnosed().diagnostics.empty());
}

TEST_F(UncheckedErrorTest, OnlyOfTestsThatPass) {
  const size_t step = log_.send("api", "post", "http");
  log_.call(kDb, "fsync", deny(), "/tmp/a.wal", kRule);
  log_.receive(step, "200", true);
  EXPECT_TRUE(diagnosed(Verdict::kFail).diagnostics.empty());
}

TEST_F(UncheckedErrorTest, OnlyOfRulesThatDeny) {
  const size_t step = log_.send("api", "post", "http");
  log_.call(kDb, "fsync", "delay(500ms)", "/tmp/a.wal", "|fsync=delay(500ms)|0");
  log_.receive(step, "200", true);
  TestResult result = log_.result(Verdict::kPass);
  result.faults = {fault_of("db", "fsync", "delay", 1)};
  add_unchecked_errors(result, log_.steps(), false);
  EXPECT_TRUE(result.diagnostics.empty());
}

TEST_F(UncheckedErrorTest, WithFullCausalityTheWindowIsWhatTheStepCausedAndTheAnswerKnows) {
  const size_t step = log_.send("api", "post", "http");
  log_.call(kDb, "fsync", deny(), "/tmp/a.wal", kRule);  // meanwhile, but on its own account
  log_.receive(step, "200", true);
  EXPECT_EQ(diagnosed(Verdict::kPass, false).diagnostics.size(), 1u);
  EXPECT_TRUE(diagnosed(Verdict::kPass, true).diagnostics.empty());

  const size_t caused = log_.send("api", "post", "http");
  log_.knows(kDb, log_.steps()[caused].sent);
  const uint64_t denial = log_.call(kDb, "fsync", deny(), "/tmp/a.wal", kRule);
  log_.knows(kTestDriver, denial);
  log_.receive(caused, "200", true);
  const TestResult result = diagnosed(Verdict::kPass, true);
  ASSERT_EQ(result.diagnostics.size(), 1u);
  EXPECT_EQ(result.diagnostics[0].events.at(0), denial);
}

// --- MULTIPLE_FAULTS_INTERACTION

TestResult failed_with(std::vector<FaultReport> faults,
                       std::vector<ProtocolFaultReport> protocol_faults = {}) {
  TestResult result = LogBuilder().result(Verdict::kFail);
  result.faults = std::move(faults);
  result.protocol_faults = std::move(protocol_faults);
  add_fault_interaction(result);
  return result;
}

TEST(FaultInteractionTest, NamesEachRuleAloneToTry) {
  ProtocolFaultReport proxy{.service = "db",
                            .interface = "main",
                            .protocol = "http",
                            .action = "respond",
                            .match = {{"path", "/x"}},
                            .hits = 1};
  const TestResult result = failed_with(
      {fault_of("db", "fsync", "deny", 2, "*.wal"), fault_of("api", "connect", "delay", 1)},
      {proxy});
  ASSERT_EQ(result.diagnostics.size(), 1u);
  const Diagnostic& found = result.diagnostics[0];
  EXPECT_EQ(found.level, Diagnostic::Level::kInfo);
  EXPECT_EQ(found.message,
            "3 fault rules fired in this test: db: fsync=deny(EIO) path=*.wal (2 hits); "
            "api: connect=delay(500ms) (1 hits); db.main: respond (1 hits)");
  EXPECT_EQ(found.suggestion,
            "try each alone: fault(db, fsync=deny(\"EIO\", path=\"*.wal\"), run=…); "
            "fault(api, connect=delay(\"500ms\"), run=…); "
            "fault(db.main, response(path=\"/x\"), run=…)");
}

TEST(FaultInteractionTest, AnOperationIsOneRuleHoweverManyEntriesItHas) {
  FaultReport write = fault_of("db", "write", "deny", 1), sync = fault_of("db", "fsync", "deny", 1);
  write.op = sync.op = "persist";
  write.rule = sync.rule = "|persist=deny(EIO)|0";
  EXPECT_TRUE(failed_with({write, sync}).diagnostics.empty());
}

TEST(FaultInteractionTest, SilentWhenOneFiredOrTheTestPassed) {
  EXPECT_TRUE(failed_with({fault_of("db", "fsync", "deny", 2), fault_of("db", "write", "deny", 0)})
                  .diagnostics.empty());
  TestResult passed = LogBuilder().result(Verdict::kPass);
  passed.faults = {fault_of("db", "fsync", "deny", 2), fault_of("db", "write", "deny", 1)};
  add_fault_interaction(passed);
  EXPECT_TRUE(passed.diagnostics.empty());
}

// --- FAULT_NOT_FIRED

class NotFiredTest : public ::testing::Test {
 protected:
  NotFiredTest() {
    topology_.services.resize(2);
    topology_.services[0].name = "api";
    topology_.services[1].name = "db";
  }
  FaultRule rule() {
    FaultRule made;
    made.key = "fsync";
    made.filter = expand_family("fsync");
    for (SyscallId call : made.filter) made.calls.insert(call);
    made.action = DenyAction{5, "EIO"};
    return made;
  }
  TestResult diagnosed() {
    TestResult result = log_.result(Verdict::kPass);
    add_rules_not_fired(result, rules_, topology_);
    return result;
  }

  Topology topology_;
  RuleSets rules_{topology_, [](std::string_view, std::string_view, uint64_t) { return 0.0; }};
  LogBuilder log_;
};

TEST_F(NotFiredTest, ARuleThatNothingMatchedNamesTheNearestCalls) {
  rules_.open(kDb, {rule()}, false);
  log_.call(kDb, "fdatasync", "allow", "/tmp/a");
  log_.call(kDb, "fdatasync", "allow", "/tmp/a");
  log_.call(kDb, "write", "allow", "/tmp/a");
  const TestResult result = diagnosed();
  ASSERT_EQ(result.diagnostics.size(), 1u);
  EXPECT_EQ(result.diagnostics[0].level, Diagnostic::Level::kWarning);
  EXPECT_EQ(result.diagnostics[0].suggestion, "the nearest calls it made: fdatasync /tmp/a (2x)");
}

TEST_F(NotFiredTest, ARuleWhoseTriggerWasNotReachedIsAnInfo) {
  FaultRule late = rule();
  late.trigger = {Trigger::Kind::kNth, 5};
  rules_.open(kDb, {late}, false).rules[0].matched = 2;
  const TestResult result = diagnosed();
  ASSERT_EQ(result.diagnostics.size(), 1u);
  EXPECT_EQ(result.diagnostics[0].level, Diagnostic::Level::kInfo);
}

TEST_F(NotFiredTest, SilentForRulesThatFiredAndForAllow) {
  FaultRule shield = rule();
  shield.action = AllowAction{};
  rules_.open(kDb, {rule(), shield}, false).rules[0].hits = 1;
  EXPECT_TRUE(diagnosed().diagnostics.empty());
}

}  // namespace
}  // namespace fb
