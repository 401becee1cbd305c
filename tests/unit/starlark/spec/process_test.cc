// kill(), restart(), pause(), resume().
#include "tests/unit/starlark/spec/spec_fixture.h"

namespace fb::spec {
namespace {

class ProcessWordsTest : public SpecTest {
 protected:
  // The lifecycle events of `db` after its start.
  std::vector<std::string> lifecycle(const TestResult& result) {
    std::vector<std::string> out;
    for (const Event& event : result.events) {
      if (event.service == "db" && event.event_type().starts_with("lifecycle.")) {
        out.push_back(event.event_type().substr(10));
      }
    }
    return out;
  }
  using Texts = std::vector<std::string>;
};

TEST_F(ProcessWordsTest, AKilledServiceCanBeStartedAgain) {
  const TestResult result = run(std::string(kServices) +
                                "def test_a():\n    kill(db)\n    restart(db, timeout = '5s')\n");
  EXPECT_EQ(result.result, Verdict::kPass) << result.reason;
  EXPECT_EQ(lifecycle(result), (Texts{"started", "stopped", "started"}));
}

TEST_F(ProcessWordsTest, APausedServiceIsResumed) {
  const TestResult result =
      run(std::string(kServices) + "def test_a():\n    pause(db)\n    resume(db)\n");
  EXPECT_EQ(result.result, Verdict::kPass) << result.reason;
  EXPECT_EQ(lifecycle(result), (Texts{"started", "paused", "resumed"}));
}

TEST_F(ProcessWordsTest, MistakesAreErrors) {
  EXPECT_NE(reason_in_test("kill(db, signal = 'SIGTREM')")
                .find("kill(): unknown signal \"SIGTREM\" (did you mean \"SIGTERM\" or"),
            std::string::npos);
  EXPECT_NE(reason_in_test("kill(db)\nkill(db)").find("kill(): service \"db\" is not running"),
            std::string::npos);
  EXPECT_NE(reason_in_test("resume(db)").find("resume(): "), std::string::npos);
  EXPECT_NE(reason_in_test("kill('db')").find("kill(): for parameter service: got string, want"),
            std::string::npos);
}

}  // namespace
}  // namespace fb::spec
