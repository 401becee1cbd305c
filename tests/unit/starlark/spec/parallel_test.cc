// parallel(), nondet(), options() in a test, time limits.
#include "tests/unit/starlark/spec/spec_fixture.h"

namespace fb::spec {
namespace {

class ParallelTest : public SpecTest {
 protected:
  // A step takes as many seconds as its data says.
  ParallelTest() {
    catalog_.answer = [this](const StepCall& call) {
      const std::string& data = call.arguments_json.at("data");
      execution_->await_events(std::chrono::seconds(data[1] - '0'), [] { return false; });
      return StepResponse{.ok = true, .body = data.substr(1, data.size() - 2)};
    };
  }
  using Texts = std::vector<std::string>;
};

TEST_F(ParallelTest, BranchesRunTogetherAndResultsComeInArgumentOrder) {
  const TestResult result =
      run(std::string(kServices) +
          "done = []\n"
          "def go(n):\n    def f():\n        r = db.send(str(n))\n        done.append(r)\n"
          "        return r\n    return f\n"
          "def test_a():\n    print(parallel(go(3), go(1), go(2)), done)\n");
  EXPECT_EQ(result.result, Verdict::kPass) << result.reason;
  EXPECT_EQ(printed_, Texts{"[\"3\", \"1\", \"2\"] [\"1\", \"2\", \"3\"]"});
  EXPECT_EQ(result.duration_ms, 3000);
}

TEST_F(ParallelTest, EachBranchHasItsActor) {
  run(std::string(kServices) +
      "def test_a():\n    db.send('0')\n"
      "    parallel(lambda: db.send('1'), lambda: parallel(lambda: db.send('2')))\n");
  ASSERT_EQ(catalog_.calls.size(), 3u);
  EXPECT_EQ(actor_name(catalog_.calls[0].actor, {}), "test");
  EXPECT_EQ(actor_name(catalog_.calls[1].actor, {}), "test/0");
  EXPECT_EQ(actor_name(catalog_.calls[2].actor, {}), "test/1/0");
}

TEST_F(ParallelTest, TheLowestFailureIsReportedAndTheOthersListed) {
  const TestResult result = run(std::string(kServices) +
                                "def slow():\n    db.send('2')\n    assert_eq(1, 2)\n"
                                "def quick(): fail('now')\n"
                                "def test_a():\n    parallel(lambda: 1, slow, quick)\n");
  EXPECT_EQ(result.reason, "parallel() callable 1 failed: assert_eq failed: 1 != 2");
  EXPECT_EQ(result.failure_type, "assertion");
  ASSERT_TRUE(result.error_detail.has_value());
  EXPECT_EQ(result.error_detail->also, Texts{"parallel() callable 2 failed: fail: now"});
  EXPECT_EQ(result.error_detail->position, "spec.star:6:14");
}

TEST_F(ParallelTest, ArgumentsAreChecked) {
  EXPECT_NE(reason_in_test("parallel()").find("parallel(): needs at least one callable"),
            std::string::npos);
  EXPECT_NE(reason_in_test("parallel(1)").find("parallel(): callable 0: got int, want callable"),
            std::string::npos);
  EXPECT_NE(reason_in_test("def f(): pass\n"
                           "parallel(lambda: parallel(lambda: parallel(lambda: parallel("
                           "lambda: parallel(f)))))")
                .find("parallel(): can be nested at most four levels deep"),
            std::string::npos);
}

TEST_F(ParallelTest, ATimeLimitUnwindsBodyAndBranches) {
  const TestResult result = run(std::string(kServices) +
                                "def test_a():\n    options(timeout = '2s')\n"
                                "    parallel(lambda: db.send('9'), lambda: db.send('1'))\n"
                                "    print('after')\n");
  EXPECT_EQ(result.failure_type, "timeout");
  EXPECT_EQ(result.reason, "test timed out after 2s");
  EXPECT_EQ(printed_, Texts{});
}

TEST_F(ParallelTest, ATimeLimitReachesCodeThatOnlyComputes) {
  const TestResult result =
      run("def test_a():\n    options(timeout = '1ns')\n"
          "    for i in range(1000000000):\n        pass\n    print('after')\n");
  EXPECT_EQ(result.failure_type, "timeout");
  EXPECT_EQ(printed_, Texts{});
}

TEST_F(ParallelTest, OptionsOfATestAreItsLimitOnly) {
  EXPECT_NE(reason_in_test("options(network = 'host')").find("a test can only set timeout="),
            std::string::npos);
}

TEST_F(ParallelTest, NondetTakesServices) {
  EXPECT_EQ(reason_in_test("nondet(db, api)"), "");
  EXPECT_NE(reason_in_test("nondet('db')").find("nondet(): got string, want service"),
            std::string::npos);
  EXPECT_NE(reason_in_test("nondet()").find("nondet(): needs at least one service"),
            std::string::npos);
}

}  // namespace
}  // namespace fb::spec
