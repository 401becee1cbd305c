// Assertions about values and about the log, events(), and the event object.
#include "tests/unit/starlark/spec/spec_fixture.h"

namespace fb::spec {
namespace {

class AssertionsTest : public SpecTest {
 protected:
  // The reason of a test that makes `db` write a.wal and sync it before the given body.
  std::string after_two_calls(const std::string& body) {
    before_body_ = [this] {
      submit("db", "write", "/srv/a.wal");
      submit("db", "fsync", "/srv/a.wal");
    };
    // The filters of this lambda keep both calls in the recorded set.
    return reason_in_test(body + "\nkeep = lambda e: e.syscall in ['write', 'fsync']");
  }
  TestResult result_of(const std::string& body) {
    return run(std::string(kServices) + "def test_a():\n    " + body + "\n");
  }
  using Texts = std::vector<std::string>;
};

TEST_F(AssertionsTest, AssertTrueQuotesItsCondition) {
  EXPECT_EQ(reason_in_test("x = 3\nassert_true(x  ==\n    4)"), "assertion failed: x == 4");
  EXPECT_EQ(reason_in_test("assert_true(cond = 1 > 2)"), "assertion failed: 1 > 2");
  EXPECT_EQ(reason_in_test("assert_true([])"), "assertion failed: []");
  EXPECT_EQ(reason_in_test("assert_true([1])"), "");
}

TEST_F(AssertionsTest, TheMessageOfAssertTrueIsTheWholeReason) {
  EXPECT_EQ(reason_in_test("assert_true(False, 'two leaders')"), "two leaders");
  EXPECT_EQ(reason_in_test("assert_true(False, message = ['a', 1])"), "[\"a\", 1]");
}

TEST_F(AssertionsTest, AssertEqShowsBothSides) {
  EXPECT_EQ(reason_in_test("assert_eq(200, 503)"), "assert_eq failed: 200 != 503");
  EXPECT_EQ(reason_in_test("assert_eq('a', ['b'], 'state')"),
            "assert_eq failed: \"a\" != [\"b\"] (state)");
  EXPECT_EQ(reason_in_test("assert_eq(1, 1.0)"), "");
}

TEST_F(AssertionsTest, AFailureKnowsItsKindAndPlace) {
  const TestResult result = run(std::string(kServices) +
                                "def check(x):\n    assert_eq(x, 2)\n"
                                "def test_a():\n    check(1)\n");
  EXPECT_EQ(result.failure_type, "assertion");
  ASSERT_TRUE(result.error_detail.has_value());
  EXPECT_EQ(result.error_detail->builtin, "assert_eq");
  EXPECT_EQ(result.error_detail->position, "spec.star:5:14");
  EXPECT_EQ(result.error_detail->backtrace, Texts{"spec.star:7:10 in test_a"});
  EXPECT_TRUE(spec_->facts().asserted);
}

TEST_F(AssertionsTest, OtherErrorsHaveTheirPositionInTheReason) {
  const TestResult result = result_of("1 // 0");
  EXPECT_EQ(result.failure_type, "error");
  EXPECT_EQ(result.reason.find("spec.star:5:7: "), 0u) << result.reason;
  EXPECT_EQ(result.reason.find('\n'), std::string::npos);
}

TEST_F(AssertionsTest, FailIsItsOwnMessage) {
  EXPECT_EQ(reason_in_test("fail('x', 1)"), "fail: x 1");
}

TEST_F(AssertionsTest, EventuallyLooksAtThePast) {
  EXPECT_EQ(after_two_calls("assert_eventually(service = 'db', syscall = 'fsync')"), "");
  EXPECT_EQ(after_two_calls("assert_eventually(decision = 'all*', path = '*.wal')"), "");
  EXPECT_EQ(after_two_calls("assert_eventually(type = 'service_started', service = 'api')"), "");
  EXPECT_EQ(after_two_calls("assert_eventually(where = lambda e: e.path.endswith('.wal'))"), "");
}

TEST_F(AssertionsTest, EventuallyNamesItsFilters) {
  EXPECT_EQ(
      after_two_calls("assert_eventually(service = 'db', syscall = 'fsync', decision = 'deny*')"),
      "assert_eventually: no matching event found (filters: service=\"db\", "
      "syscall=\"fsync\", decision=\"deny*\")");
  EXPECT_EQ(after_two_calls("assert_eventually(where = lambda e: False)"),
            "assert_eventually: no event matched where= predicate");
  EXPECT_EQ(after_two_calls("assert_eventually(service = 'db', where = lambda e: False)"),
            "assert_eventually: no matching event found (filters: service=\"db\", where= "
            "predicate)");
}

TEST_F(AssertionsTest, EventuallyListsTheClosestEvents) {
  before_body_ = [this] { submit("db", "fsync", "/srv/a.wal"); };
  const TestResult result =
      result_of("assert_eventually(service = 'db', syscall = 'fsync', decision = 'deny*')");
  ASSERT_TRUE(result.error_detail.has_value());
  ASSERT_FALSE(result.error_detail->closest.empty());
  EXPECT_EQ(result.events[result.error_detail->closest[0].seq - 1].field("syscall"), "fsync");
  EXPECT_EQ(result.error_detail->closest[0].failed, "decision=\"deny*\" (is \"allow\")");
}

TEST_F(AssertionsTest, EventuallyWithinWaitsForTheEvent) {
  catalog_.answer = [this](const StepCall&) {
    execution_->await_events(std::chrono::seconds(1), [] { return false; });
    return StepResponse{.ok = true, .body = "OK"};
  };
  EXPECT_EQ(reason_in_test("def wait(): assert_eventually(type = 'step_recv', within = '5s')\n"
                           "parallel(wait, lambda: db.send('x'))"),
            "");
  EXPECT_EQ(reason_in_test("assert_eventually(type = 'step_recv', within = '2s')"),
            "assert_eventually: no matching event found (filters: type=\"step_recv\") within 2s");
}

TEST_F(AssertionsTest, NeverNamesTheEvent) {
  const std::string reason = after_two_calls("assert_never(service = 'db', syscall = 'write')");
  EXPECT_EQ(reason.find("assert_never: found matching event #"), 0u) << reason;
  EXPECT_NE(reason.find("service=db"), std::string::npos) << reason;
  EXPECT_NE(reason.find("syscall=write"), std::string::npos) << reason;
  EXPECT_EQ(after_two_calls("assert_never(service = 'api', syscall = 'write')"), "");
}

TEST_F(AssertionsTest, NeverIsNotVacuous) {
  EXPECT_EQ(reason_in_test("assert_never(service = 'db', syscall = 'conn' + 'ect')"),
            "assert_never: syscall \"connect\" is not recorded on \"db\"");
  EXPECT_EQ(reason_in_test("assert_never(syscall = 'conn' + 'ect')"),
            "assert_never: syscall \"connect\" is not recorded on any service");
  EXPECT_NE(reason_in_test("assert_never(sevice = 'db')")
                .find("assert_never(): unknown filter \"sevice\" (did you mean \"service\"?)"),
            std::string::npos);
}

TEST_F(AssertionsTest, FiltersAreChecked) {
  EXPECT_NE(reason_in_test("assert_eventually(service = 'dbb')")
                .find("unknown service \"dbb\" (did you mean \"db\"?)"),
            std::string::npos);
  EXPECT_NE(reason_in_test("events(syscall = 'wriet')").find("unknown syscall \"wriet\""),
            std::string::npos);
  EXPECT_NE(reason_in_test("events(service = db)")
                .find("for filter service: got service, want string, int or bool"),
            std::string::npos);
  EXPECT_NE(reason_in_test("assert_never()").find("needs at least one filter or where="),
            std::string::npos);
  EXPECT_NE(reason_in_test("assert_eventually()").find("needs at least one filter or where="),
            std::string::npos);
}

TEST_F(AssertionsTest, AnAliasMeansTheKernelsName) {
  before_body_ = [this] { submit("db", "pread64", "/srv/a"); };
  EXPECT_EQ(reason_in_test("assert_eventually(syscall = 'pread')"), "");
}

TEST_F(AssertionsTest, BeforeComparesFirstMatches) {
  EXPECT_EQ(
      after_two_calls("assert_before(first = {'syscall': 'write'}, then = {'syscall': 'fsync'})"),
      "");
  EXPECT_EQ(after_two_calls("assert_before({'syscall': 'write'}, lambda e: e.syscall == 'fsync' "
                            "and e.path == e.first.path)"),
            "");
  const std::string reason =
      after_two_calls("assert_before(first = {'syscall': 'fsync'}, then = {'syscall': 'write'})");
  EXPECT_EQ(reason,
            "assert_before: 'first' event (seq=4) did not occur before 'then' event (seq=3)");
}

TEST_F(AssertionsTest, BeforeNeedsBothEvents) {
  EXPECT_EQ(
      after_two_calls("assert_before(first = {'syscall': 'rename'}, then = {'syscall': 'write'})"),
      "assert_before: no event matching 'first' (filters: syscall=\"rename\")");
  EXPECT_EQ(after_two_calls("assert_before(first = {'syscall': 'write'}, then = lambda e: False)"),
            "assert_before: no event matching 'then' (predicate)");
}

TEST_F(AssertionsTest, AMissingKeyMakesAPredicateFalse) {
  EXPECT_EQ(after_two_calls("assert_never(where = lambda e: e.data['nothing'] == 1)"), "");
}

TEST_F(AssertionsTest, AnyOtherErrorOfAPredicateFailsAndNamesTheEvent) {
  const std::string reason =
      after_two_calls("assert_never(where = lambda e: e.syscall == 'fsync' and 1 // 0)");
  EXPECT_NE(reason.find("(where= lambda e: e.syscall == 'fsync' and 1 // 0, event #4 ("),
            std::string::npos)
      << reason;
}

TEST_F(AssertionsTest, EventsListsWhatMatches) {
  EXPECT_EQ(after_two_calls("print(events(service = 'db', syscall = '*'))\n"
                            "print(len(events()), len(events(where = lambda e: e.seq > 1)))"),
            "");
  EXPECT_EQ(printed_, (Texts{"[<event #3 db syscall.write>, <event #4 db syscall.fsync>]", "4 3"}));
}

TEST_F(AssertionsTest, AnEventHasItsPartsAndItsFields) {
  EXPECT_EQ(
      after_two_calls("e = events(syscall = 'write')[0]\n"
                      "print(e.seq, e.service, e.type, e.event_type, e.path, e['path'], e.first)\n"
                      "print(e.data['decision'], e.fields['pid'], e.time_ms, repr(e.nothing))\n"
                      "print(repr(e['nothing']), e.get('nothing', 5), e.get('path'), 'path' in e)\n"
                      "print('nothing' in e, 'seq' in e, e['seq'], type(e))"),
      "");
  EXPECT_EQ(printed_, (Texts{"3 db syscall syscall.write /srv/a.wal /srv/a.wal None",
                             "allow 7 0 \"\"", "\"\" 5 /srv/a.wal True", "False True 3 event"}));
}

}  // namespace
}  // namespace fb::spec
