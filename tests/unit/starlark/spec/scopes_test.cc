// fault(), fault_start(), fault_stop(), trace…: scopes around calls that a service makes.
#include "tests/unit/starlark/spec/spec_fixture.h"

namespace fb::spec {
namespace {

class ScopesTest : public SpecTest {
 protected:
  ScopesTest() {
    // Each step makes the service `db` write its log once.
    catalog_.answer = [this](const StepCall&) {
      submit("db", "write", "/srv/db.wal");
      return StepResponse{.ok = true, .status = 200, .body = "OK"};
    };
  }
  static std::vector<std::string> syscalls(const TestResult& result) {
    std::vector<std::string> out;
    for (const Event& event : result.events) {
      if (event.type == EventType::kSyscall) out.emplace_back(event.field("decision"));
    }
    return out;
  }
  using Texts = std::vector<std::string>;
};

TEST_F(ScopesTest, RulesHoldWhileTheFunctionRuns) {
  const TestResult result = run(std::string(kServices) +
                                "def put(): return db.send('x')\n"
                                "def test_a():\n"
                                "    assert_eq(fault(db, write = deny('EIO'), run = put), 'OK')\n"
                                "    put()\n");
  EXPECT_EQ(result.result, Verdict::kPass) << result.reason;
  EXPECT_EQ(decisions(), (Texts{"deny 5", "allow"}));
  EXPECT_EQ(syscalls(result), (Texts{"deny(input/output error)", "allow"}));
  EXPECT_TRUE(spec_->facts().opened_scope);
  EXPECT_TRUE(spec_->facts().sent_step);
}

TEST_F(ScopesTest, AScopeIsClosedWhenItsFunctionFails) {
  const TestResult result = run(std::string(kServices) +
                                "def bad():\n    fail('x')\n"
                                "def test_a():\n    fault(db, write = deny('EIO'), run = bad)\n");
  EXPECT_EQ(result.reason, "fail: x");
  EXPECT_EQ(result.failure_type, "error");
  EXPECT_EQ(result.events.back().type, EventType::kViolation);
  EXPECT_EQ(result.events[result.events.size() - 2].type, EventType::kFaultRemoved);
}

TEST_F(ScopesTest, StartedRulesLastUntilTheyAreStopped) {
  run(std::string(kServices) +
      "def test_a():\n"
      "    fault_start(db, persist = deny('ENOSPC'))\n    db.send('x')\n"
      "    fault_stop(db)\n    db.send('x')\n    fault_stop(db)\n");
  EXPECT_EQ(decisions(), (Texts{"deny 28", "allow"}));
}

TEST_F(ScopesTest, RulesHaveTheirIdentity) {
  const TestResult result =
      run(std::string(kServices) +
          "def test_a():\n"
          "    fault_start(db, write = deny('EIO', path = '*.wal', trigger = 'after=2'))\n"
          "    parallel(lambda: fault_start(db, write = deny('EIO', path = '*.wal', trigger = "
          "'after=2')))\n");
  ASSERT_EQ(result.result, Verdict::kPass) << result.reason;
  const auto& scopes = execution_->rules().history();
  EXPECT_EQ(scopes.front().rules[0].rule.identity, "|write=deny(EIO) path=*.wal trigger=after=2|0");
  EXPECT_EQ(scopes.back().rules[0].rule.identity, "0|write=deny(EIO) path=*.wal trigger=after=2|0");
}

TEST_F(ScopesTest, TracesAreObservationOnly) {
  const TestResult result =
      run(std::string(kServices) +
          "def put(): return db.send('x')\n"
          "def test_a():\n"
          "    trace(db, syscalls = ['write'], run = put)\n    put()\n"
          "    trace_start(db, ['persist'])\n    put()\n    trace_stop(db)\n");
  EXPECT_EQ(result.result, Verdict::kPass) << result.reason;
  EXPECT_EQ(syscalls(result), (Texts{"trace", "allow", "trace"}));
}

TEST_F(ScopesTest, WhatIsNoActionIsRefused) {
  EXPECT_NE(reason_in_test("fault_start(db, write = 'EIO')")
                .find("fault_start(): for write: got string, want an action such as deny(\"EIO\")"),
            std::string::npos);
  EXPECT_NE(reason_in_test("fault_start(db, deny('EIO'))")
                .find("rules of a service are written KEY=action, got a positional fault"),
            std::string::npos);
  EXPECT_NE(reason_in_test("fault_start(db)").find("no rule is given: write KEY=action"),
            std::string::npos);
  EXPECT_NE(
      reason_in_test("fault(db, write = deny('EIO'))").find("fault(): missing argument for run"),
      std::string::npos);
  EXPECT_NE(reason_in_test("fault_start('db', write = deny('EIO'))")
                .find("fault_start(): for parameter target: got string, want service or "
                      "interface_ref"),
            std::string::npos);
  EXPECT_NE(reason_in_test("fault_start(db, wriet = deny('EIO'))")
                .find("spec.star:5:16: fault_start(): unknown syscall \"wriet\" (did you mean "
                      "\"write\""),
            std::string::npos);
  EXPECT_NE(reason_in_test("trace_start(db, [])").find("syscalls is empty"), std::string::npos);
}

TEST_F(ScopesTest, ANameMetOnlyAtRunTimeEndsTheTestForARestart) {
  const std::string source = std::string(kServices) +
                             "def test_a():\n"
                             "    fault_start(db, **{'wri' + 'te': deny('EIO')})\n"
                             "    db.send('x')\n";
  const TestResult first = run(source);
  EXPECT_EQ(first.failure_type, "restart");
  ASSERT_TRUE(spec_->extension().has_value());
  EXPECT_EQ(spec_->extension()->service, "db");
  EXPECT_EQ(spec_->extension()->word, "write");
  extensions_ = {*spec_->extension()};
  const TestResult second = run(source);
  EXPECT_EQ(second.result, Verdict::kPass) << second.reason;
  EXPECT_EQ(decisions().back(), "deny 5");
}

}  // namespace
}  // namespace fb::spec
