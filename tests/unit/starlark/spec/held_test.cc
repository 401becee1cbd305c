// hold(), release(), held(), wait_held().
#include "tests/unit/starlark/spec/spec_fixture.h"

namespace fb::spec {
namespace {

class HeldTest : public SpecTest {
 protected:
  HeldTest() {
    // A step makes `db` sync its log and answers when that is decided.
    catalog_.answer = [this](const StepCall& call) {
      const size_t at = submit("db", "fsync", "/srv/db.wal");
      execution_->await_events(std::chrono::seconds(10), [&] { return !decisions()[at].empty(); });
      return StepResponse{.ok = true, .status = 200, .body = decisions()[at] + call.method};
    };
  }
  using Texts = std::vector<std::string>;
};

constexpr const char* kHoldDisk =
    "def test_a():\n"
    "    fault_start(db, fsync = hold('disk'))\n"
    "    def put(): return db.send('x')\n";

TEST_F(HeldTest, AHeldCallGoesWhenItIsReleased) {
  const TestResult result =
      run(std::string(kServices) + kHoldDisk +
          "    def check():\n"
          "        calls = wait_held('disk')\n"
          "        print(calls, calls[0].service, calls[0].syscall, calls[0].path, calls[0].tag,\n"
          "              calls[0].pid, calls[0].age, type(calls[0]))\n"
          "        assert_never(type = 'step_recv', target = 'db')\n"
          "        print(release('disk'), held(), held('disk'))\n"
          "    print(parallel(put, check))\n");
  EXPECT_EQ(result.result, Verdict::kPass) << result.reason;
  ASSERT_EQ(printed_.size(), 3u);
  EXPECT_EQ(printed_[0].substr(0, 7), "[<held ");
  EXPECT_NE(printed_[0].find(" db fsync disk>] db fsync /srv/db.wal disk 7 0 held_call"),
            std::string::npos)
      << printed_[0];
  EXPECT_EQ(printed_[1], "1 [] []");
  EXPECT_EQ(printed_[2], "[\"allowsend\", None]");
}

TEST_F(HeldTest, AReleaseMayFailTheCall) {
  const TestResult result = run(std::string(kServices) + kHoldDisk +
                                "    def check():\n"
                                "        wait_held('disk', n = 1)\n"
                                "        release('disk', n = 1, error = 'ENOSPC')\n"
                                "    print(parallel(put, check))\n");
  EXPECT_EQ(result.result, Verdict::kPass) << result.reason;
  EXPECT_EQ(decisions(), Texts{"deny 28"});
}

TEST_F(HeldTest, WaitingInVainSaysWhatIsHeld) {
  const TestResult result = run(std::string(kServices) + kHoldDisk +
                                "    def check():\n"
                                "        wait_held('disk', n = 2, timeout = '3s')\n"
                                "    parallel(put, check)\n");
  EXPECT_EQ(result.reason,
            "parallel() callable 1 failed: wait_held: 1 of 2 calls held for \"disk\" after 3s");
  EXPECT_EQ(result.failure_type, "error");
}

TEST_F(HeldTest, AnUnknownTagIsAnError) {
  EXPECT_NE(reason_in_test("fault_start(db, fsync = hold('disk'))\nrelease('dsik')")
                .find("release(): unknown tag \"dsik\" (did you mean \"disk\"?)"),
            std::string::npos);
}

TEST_F(HeldTest, ArgumentsAreChecked) {
  EXPECT_NE(reason_in_test("fault_start(db, fsync = hold('disk'))\nrelease('disk', n = -1)")
                .find("release(): for parameter n: got -1, want at least 0"),
            std::string::npos);
  EXPECT_NE(reason_in_test("wait_held('disk', n = 0)")
                .find("wait_held(): for parameter n: got 0, want at least 1"),
            std::string::npos);
}

}  // namespace
}  // namespace fb::spec
