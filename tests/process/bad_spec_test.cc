// What a wrong spec, or a service that will not start, is answered with: position, thing, wish,
// exit code (spec §1.3, §19).
#include "tests/support/run_command.h"

#include <arpa/inet.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <unistd.h>

namespace fb {
namespace {

class BadSpecTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "bad-spec-XXXXXX").string();
    directory_ = mkdtemp(name.data());
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  CommandResult test(const std::string& source, const std::string& flags = "") {
    std::ofstream(directory_ / "spec.star") << source;
    return run_command(directory_, FB_BINARY " test spec.star " + flags);
  }
  // The codes of the diagnostics, of the suite or of its first test.
  static std::vector<std::string> codes(const CommandResult& run) {
    const auto document = nlohmann::json::parse(run.out, nullptr, false);
    EXPECT_FALSE(document.is_discarded()) << run.out << run.err;
    std::vector<std::string> codes;
    if (document.is_discarded()) return codes;
    for (const auto& d : document["diagnostics"]) codes.push_back(d["code"]);
    for (const auto& t : document["tests"])
      for (const auto& d : t["diagnostics"]) codes.push_back(d["code"]);
    return codes;
  }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  std::filesystem::path directory_;
};

constexpr const char* kService =
    "db = service(\"db\", \"/usr/bin/sleep\", interface(\"main\", \"tcp\", 7000), args = "
    "[\"60\"])\n";

TEST_F(BadSpecTest, SyntaxErrorHasItsPosition) {
  const CommandResult run = test("def test_a():\n    x = = 1\n");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_PRED2(has, run.err, "spec.star:2:9: ");
}

TEST_F(BadSpecTest, SyntaxErrorInJsonIsASuiteDiagnostic) {
  const CommandResult run = test("def test_a(:\n", "--format json");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(codes(run), std::vector<std::string>{"SPEC_SYNTAX"});
}

TEST_F(BadSpecTest, UnknownBuiltinIsFoundAlsoInFunctionsThatNeverRun) {
  const CommandResult run = test("def test_a():\n    pass\ndef helper():\n    asert_eq(1, 1)\n");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_PRED2(has, run.err, "spec.star:4:5: ");
  EXPECT_PRED2(has, run.err, "asert_eq");
  EXPECT_PRED2(has, run.err, "assert_eq");
}

TEST_F(BadSpecTest, UnknownErrnoIsNamedWithASuggestion) {
  const CommandResult run =
      test(std::string(kService) +
           "def test_a():\n    fault(db, fsync = deny(\"EOI\"), run = lambda: None)\n");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_PRED2(has, run.err, "spec.star:3:27: deny(): unknown errno \"EOI\" (did you mean \"EIO\"");
}

TEST_F(BadSpecTest, CallersAreListedBelowTheMessage) {
  const CommandResult run = test(std::string(kService) +
                                 "def broken():\n    return deny(\"EOI\")\n"
                                 "def test_a():\n    broken()\n");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_PRED2(has, run.err, "spec.star:3:16: deny(): unknown errno");
  EXPECT_PRED2(has, run.err, "spec.star:5:11 in test_a");
}

TEST_F(BadSpecTest, UnknownKeywordIsNamedWithASuggestion) {
  const CommandResult run = test("db = service(\"db\", \"/bin/true\", arg = [])\n");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_PRED2(has, run.err, "spec.star:1:13: service(): ");
  EXPECT_PRED2(has, run.err, "did you mean \"args\"?");
}

TEST_F(BadSpecTest, MissingFile) {
  const CommandResult run = run_command(directory_, FB_BINARY " test nowhere.star");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_PRED2(has, run.err, "nowhere.star");
  EXPECT_PRED2(has, run.err, "no such file or directory");
}

TEST_F(BadSpecTest, NoTests) {
  EXPECT_EQ(codes(test("x = 1\n", "--format json")),
            std::vector<std::string>{"NO_TESTS_DISCOVERED"});
}

TEST_F(BadSpecTest, UnknownTestNameListsTheTests) {
  const CommandResult run = test("def test_alpha():\n    pass\n", "--test alfa");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_PRED2(has, run.err, "alfa");
  EXPECT_PRED2(has, run.err, "test_alpha");
}

TEST_F(BadSpecTest, MissingBinaryFailsTheStart) {
  const std::string spec =
      "db = service(\"db\", \"./no-such-program\")\ndef test_a():\n    assert_true(True)\n";
  const CommandResult run = test(spec);
  EXPECT_EQ(run.exit_code, 1);  // nothing was tested
  EXPECT_PRED2(has, run.err, "failed to start services: ");
  EXPECT_PRED2(has, run.err, "no-such-program");
  EXPECT_EQ(codes(test(spec, "--format json")), std::vector<std::string>{"LAUNCH_FAILED"});
}

TEST_F(BadSpecTest, ServiceThatIsNeverReadyTimesOutWithTheLastProbe) {
  const std::string spec =
      "db = service(\"db\", \"/usr/bin/sleep\", interface(\"main\", \"tcp\", 7000), args = "
      "[\"60\"],\n"
      "    healthcheck = tcp(\"localhost:7000\", timeout = \"300ms\"))\n"
      "def test_a():\n    assert_true(True)\n";
  const CommandResult run = test(spec);
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_PRED2(has, run.err, "not ready after 300ms");
  EXPECT_EQ(codes(test(spec, "--format json")), std::vector<std::string>{"HEALTHCHECK_TIMEOUT"});
}

TEST_F(BadSpecTest, ServiceThatDiesBeforeItIsReadyFailsAtOnceWithItsOutput) {
  const std::string spec =
      "db = service(\"db\", \"/bin/sh\", interface(\"main\", \"tcp\", 7000),\n"
      "    args = [\"-c\", \"echo no disk >&2; exit 3\"], healthcheck = tcp(\"localhost:7000\"))\n"
      "def test_a():\n    assert_true(True)\n";
  const CommandResult run = test(spec);
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_PRED2(has, run.err, "exit code 3");
  EXPECT_PRED2(has, run.err, "no disk");
  EXPECT_EQ(codes(test(spec, "--format json")), std::vector<std::string>{"SERVICE_CRASHED"});
}

TEST_F(BadSpecTest, ServiceThatDiesDuringTheBodyFailsTheTest) {
  const std::string spec =
      "db = service(\"db\", \"/bin/sh\", interface(\"main\", \"tcp\", 7000),\n"
      "    args = [\"-c\", \"echo going down; exit 4\"])\n"
      "def test_a():\n    assert_eventually(type = \"service_stopped\", within = \"5s\")\n";
  const CommandResult run = test(spec);
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_PRED2(has, run.err, "service \"db\" exited unexpectedly: exit code 4");
  EXPECT_PRED2(has, run.err, "going down");
}

TEST_F(BadSpecTest, TwoServicesOnOnePortAreALoadError) {
  const CommandResult run =
      test(std::string(kService) +
           "x = service(\"x\", \"/bin/true\", interface(\"main\", \"tcp\", 7000))\n"
           "def test_a():\n    pass\n");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_PRED2(has, run.err,
               "spec.star:2:12: service(): port 7000 of x.main is already that of db.main");
}

TEST_F(BadSpecTest, APortInUseOnTheSharedNetworkIsReportedWithItsHolder) {
  const int held = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  ASSERT_TRUE(bind(held, generic, size) == 0 && listen(held, 1) == 0 &&
              getsockname(held, generic, &size) == 0);
  const std::string port = std::to_string(ntohs(address.sin_port));
  const CommandResult run =
      test("db = service(\"db\", \"/usr/bin/sleep\", interface(\"main\", \"tcp\", " + port +
               "), args = [\"60\"])\ndef test_a():\n    assert_true(True)\n",
           "--isolation none");
  close(held);
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_PRED2(
      has, run.err,
      "port " + port + " of service \"db\" is in use by process " + std::to_string(getpid()));
  EXPECT_PRED2(has, run.err, "LAUNCH_FAILED");
}

TEST_F(BadSpecTest, OutputIntoAMissingDirectoryIsRefusedBeforeAnyTestRuns) {
  const CommandResult run =
      test("def test_a():\n    print(\"ran\")\n", "--output nowhere/out.json");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_PRED2(has, run.err, "nowhere");
  EXPECT_FALSE(has(run.err, "ran"));
}

TEST_F(BadSpecTest, UnknownFlagSuggests) {
  const CommandResult run = test("def test_a():\n    pass\n", "--sed 3");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_PRED2(has, run.err, "unknown flag --sed (did you mean \"--seed\"?)");
}

}  // namespace
}  // namespace fb
