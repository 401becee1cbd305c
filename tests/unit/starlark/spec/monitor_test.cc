// monitor(): callbacks for events, and how a violation ends a test.
#include "tests/unit/starlark/spec/spec_fixture.h"

namespace fb::spec {
namespace {

class MonitorTest : public SpecTest {
 protected:
  using Texts = std::vector<std::string>;
};

TEST_F(MonitorTest, AModuleLevelMonitorSeesEventsFromTheStart) {
  run(std::string(kServices) +
      "def note(e): print(e.type, e.service)\nmonitor(note, type = 'service_*')\n"
      "def test_a(): pass\n");
  EXPECT_EQ(printed_, (Texts{"service_started db", "service_started api"}));
}

TEST_F(MonitorTest, AMonitorOfATestSeesWhatFollows) {
  run(std::string(kServices) +
      "def test_a():\n    monitor(lambda e: print(e.type), service = 'test')\n    db.send('x')\n");
  EXPECT_EQ(printed_, (Texts{"step_send", "step_recv"}));
}

TEST_F(MonitorTest, MonitorsKeepStateAndMayAsk) {
  const TestResult result =
      run(std::string(kServices) +
          "seen = {'n': 0}\n"
          "def count(e):\n    seen['n'] += len(events(type = 'step_send'))\n"
          "monitor(count, type = 'step_recv')\n"
          "def test_a():\n    db.send('x')\n    db.send('x')\n    assert_eq(seen['n'], 3)\n");
  EXPECT_EQ(result.result, Verdict::kPass) << result.reason;
}

TEST_F(MonitorTest, AViolationEndsTheTestAtOnce) {
  const TestResult result = run(std::string(kServices) +
                                "def never(e): fail('storm on ' + e.target)\n"
                                "monitor(never, type = 'step_send')\n"
                                "def test_a():\n    print('before')\n    db.send('x')\n"
                                "    print('after')\n");
  EXPECT_EQ(result.failure_type, "monitor");
  EXPECT_EQ(result.reason, "monitor violation: fail: storm on db");
  ASSERT_TRUE(result.error_detail->event.has_value());
  EXPECT_EQ(result.events[*result.error_detail->event - 1].event_type(), "step_send.db");
  EXPECT_EQ(printed_, Texts{"before"});
}

TEST_F(MonitorTest, AnAssertionInAMonitorIsAViolation) {
  const TestResult result =
      run(std::string(kServices) +
          "def test_a():\n"
          "    monitor(lambda e: assert_eq(e.ok, 'true'), type = 'step_recv')\n"
          "    api.get('/')\n");
  EXPECT_EQ(result.result, Verdict::kPass) << result.reason;
  catalog_.answer = [](const StepCall&) { return StepResponse{.error = "gone"}; };
  const TestResult second =
      run(std::string(kServices) +
          "def test_a():\n"
          "    monitor(lambda e: assert_eq(e.ok, 'true'), type = 'step_recv')\n"
          "    api.get('/')\n");
  EXPECT_EQ(second.reason, "monitor violation: assert_eq failed: \"false\" != \"true\"");
}

TEST_F(MonitorTest, AnErrorInAMonitorIsFatalToo) {
  const TestResult result = run(std::string(kServices) +
                                "def test_a():\n    monitor(lambda e: 1 // 0)\n    db.send('x')\n");
  EXPECT_EQ(result.failure_type, "error");
  EXPECT_EQ(result.reason.find("monitor error: spec.star:5:25: "), 0u) << result.reason;
}

TEST_F(MonitorTest, AViolationWhileServicesStartFailsTheTest) {
  const TestResult result = run(std::string(kServices) +
                                "def never(e): fail('no')\nmonitor(never, service = 'db')\n"
                                "def test_a():\n    print('ran')\n");
  EXPECT_EQ(result.reason, "monitor violation: fail: no");
  EXPECT_EQ(printed_, Texts{});
}

TEST_F(MonitorTest, AMonitorMayNotActOrWait) {
  for (const std::string call : {"db.send('x')", "parallel(f)", "fault_stop(db)",
                                 "assert_eventually(type = 'x', within = '1s')", "monitor(f)"}) {
    const TestResult result = run(std::string(kServices) + "def f(): pass\ndef cb(e): " + call +
                                  "\n" + "def test_a():\n    monitor(cb)\n    db.send('x')\n");
    EXPECT_NE(result.reason.find("cannot be called inside a monitor"), std::string::npos)
        << call << ": " << result.reason;
  }
}

TEST_F(MonitorTest, AViolationInABranchEndsAllBranches) {
  catalog_.answer = [this](const StepCall&) {
    execution_->await_events(std::chrono::seconds(1), [] { return false; });
    return StepResponse{.ok = true, .body = "OK"};
  };
  const TestResult result = run(std::string(kServices) +
                                "def never(e): fail('no')\n"
                                "monitor(never, type = 'step_recv', target = 'api')\n"
                                "def test_a():\n"
                                "    parallel(lambda: db.send('x'), lambda: api.get('/'),\n"
                                "             lambda: db.send('y') + db.send('z'))\n"
                                "    print('after')\n");
  EXPECT_EQ(result.reason, "monitor violation: fail: no");
  EXPECT_EQ(printed_, Texts{});
}

TEST_F(MonitorTest, UnknownServicesAreErrors) {
  EXPECT_EQ(load_error("monitor(print, service = 'dbb')\ndb = service('db', './db')\n"),
            "spec.star:1:8: monitor(): unknown service \"dbb\" (did you mean \"db\"?)");
}

}  // namespace
}  // namespace fb::spec
