// Observation, redaction and the diagnostics that need real services, as their users see them.
#include "tests/support/run_command.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace fb {
namespace {

class ObserveTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "observe-XXXXXX").string();
    directory_ = mkdtemp(name.data());
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  // The guest as `web`, with these further arguments of service(), and the body of test_a.
  CommandResult run(const std::string& more, const std::string& body,
                    const std::string& flags = "") {
    std::ofstream(directory_ / "spec.star")
        << "web = service('web', '" FB_GUEST_DIR "/observed', interface('main', 'http', 7050),\n"
        << "    args = ['7050', '/tmp/observed.log']" << more << ")\n"
        << "def test_a():\n"
        << body;
    return run_command(directory_, FB_BINARY " test spec.star " + flags);
  }
  // The diagnostic of that code, of the suite or of its first test.
  static nlohmann::json diagnostic(const CommandResult& run, const std::string& code) {
    const auto document = nlohmann::json::parse(run.out, nullptr, false);
    if (document.is_discarded()) return nullptr;
    for (const auto& d : document["diagnostics"])
      if (d["code"] == code) return d;
    for (const auto& test : document["tests"])
      for (const auto& d : test["diagnostics"])
        if (d["code"] == code) return d;
    return nullptr;
  }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  std::filesystem::path directory_;
};

constexpr const char* kReady = ", healthcheck = tcp('localhost:7050')";

TEST_F(ObserveTest, OutputFilesAndPollsBecomeEvents) {
  const CommandResult run =
      run_command(FB_GUEST_DIR, FB_BINARY " test " FB_SOURCE_DIR "/tests/specs/observed.star");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_PRED2(has, run.err, "3 passed, 0 failed");
}

TEST_F(ObserveTest, ControlledOrderHearsOutputInTheSamePlaceEveryTime) {
  const std::string more = std::string(kReady) + ", observe = [stdout(json_decoder())]";
  const std::string body =
      "    web.get('/')\n"
      "    assert_eq(len(events(type = 'stdout')), 2)\n";
  std::string first;
  for (int i = 0; i < 3; ++i) {
    const CommandResult result = run(more, body, "--deterministic --format json");
    ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
    std::string order;
    for (const auto& event : nlohmann::json::parse(result.out)["tests"][0]["events"])
      order += event["event_type"].get<std::string>() + "\n";
    if (i == 0) first = order;
    EXPECT_EQ(order, first);
  }
}

TEST_F(ObserveTest, ASourceThatCannotBeAttachedFailsTheStart) {
  const CommandResult result = run(", observe = [tail('/tmp')]", "    pass\n", "--format json");
  EXPECT_EQ(result.exit_code, 2) << result.err;
  EXPECT_PRED2(has, result.out, "\"failure_type\": \"service_start\"");
  EXPECT_PRED2(has, result.out,
               "cannot observe service \\\"web\\\": cannot follow '/tmp': it is no regular file");
}

TEST_F(ObserveTest, SecretsAreInNoOutputUnlessAskedFor) {
  const std::string more =
      std::string(kReady) + ", env = {'API_TOKEN': 'hunter2-hunter2'}, observe = [stderr()]";
  const std::string body =
      "    print('we know hunter2-hunter2')\n"
      "    assert_eventually(type = 'stderr', raw = 'token is hunter2*', within = '5s')\n"
      "    assert_eq('hunter2-hunter2', 'x')\n";
  for (const std::string format : {"text", "json", "junit"}) {
    const CommandResult hidden =
        run(more, body, "--format " + format + " --output all.json --shiviz all.log");
    std::ifstream document(directory_ / "all.json"), shiviz(directory_ / "all.log");
    const std::string files = std::string(std::istreambuf_iterator<char>(document), {}) +
                              std::string(std::istreambuf_iterator<char>(shiviz), {});
    EXPECT_EQ(hidden.exit_code, 2) << hidden.err;
    EXPECT_FALSE(has(hidden.out + hidden.err + files, "hunter2-")) << hidden.out << hidden.err;
    EXPECT_PRED2(has, hidden.out + hidden.err, "token is ***");
  }
  const CommandResult shown = run(more, body, "--no-redact --format json");
  EXPECT_PRED2(has, shown.out, "token is hunter2-hunter2");
  EXPECT_PRED2(has, shown.err, "token is hunter2-hunter2");
}

TEST_F(ObserveTest, AHealthcheckThatFailsNamesTheAddressesTheServiceListensOn) {
  const CommandResult result = run(", healthcheck = tcp('localhost:7051', timeout = '300ms')",
                                   "    pass\n", "--format json");
  const auto found = diagnostic(result, "HEALTHCHECK_TIMEOUT");
  ASSERT_FALSE(found.is_null()) << result.out << result.err;
  EXPECT_EQ(found["suggestion"], "the process lives and listens on 127.0.0.1:7050");
}

TEST_F(ObserveTest, ATimeoutWithoutFaultsNamesWhatTheServiceWaitsIn) {
  const CommandResult result =
      run(kReady, "    assert_eventually(type = 'stdout', raw = 'never', within = '1m')\n",
          "--timeout 300ms --format json");
  const auto found = diagnostic(result, "TIMEOUT_NO_FAULT_FIRED");
  ASSERT_FALSE(found.is_null()) << result.out << result.err;
  EXPECT_PRED2(has, found["suggestion"].get<std::string>(), "web in accept socket:[");
}

TEST_F(ObserveTest, AnErrorThatNobodyChecksIsReported) {
  const CommandResult result =
      run(kReady,
          "    fault(web, open = deny('EIO', path = '*.log'), run = lambda: "
          "assert_eq(web.get('/').status, 200))\n",
          "--format json");
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  const auto found = diagnostic(result, "FAULT_FIRED_BUT_SUCCESS");
  ASSERT_FALSE(found.is_null()) << result.out << result.err;
  EXPECT_PRED2(has, found["message"].get<std::string>(), "openat of /tmp/observed.log failed (#");
  EXPECT_PRED2(has, found["message"].get<std::string>(), "web.get answered 200");
  EXPECT_FALSE(diagnostic(result, "NO_POSITIVE_CONTROL").is_null()) << result.out;
}

TEST_F(ObserveTest, AHeldCallThatIsLeftIsReported) {
  const CommandResult result = run(kReady,
                                   "    fault_start(web, open = hold('log', path = '*.log'))\n"
                                   "    assert_true(not web.get('/', timeout = '200ms').ok)\n",
                                   "--format json");
  const auto found = diagnostic(result, "HOLD_LEFT");
  ASSERT_FALSE(found.is_null()) << result.out << result.err;
  EXPECT_PRED2(has, found["message"].get<std::string>(), "web openat /tmp/observed.log [log] for ");
}

TEST_F(ObserveTest, StrictFailsOnATestThatChecksNothing) {
  const std::string body = "    web.get('/')\n";
  EXPECT_EQ(run(kReady, body).exit_code, 0);
  const CommandResult strict = run(kReady, body, "--strict");
  EXPECT_EQ(strict.exit_code, 2) << strict.err;
  EXPECT_PRED2(has, strict.err, "warning TEST_NO_ASSERTIONS");
}

}  // namespace
}  // namespace fb
