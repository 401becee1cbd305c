// The flags of `faultbox test` as their users see them: side by side, on a terminal, kept files,
// exit codes.
#include "tests/support/run_command.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <regex>

namespace fb {
namespace {

namespace fs = std::filesystem;

class TestFlagsTest : public ::testing::Test {
 protected:
  TestFlagsTest() {
    directory_ = (fs::temp_directory_path() / "faultbox-flags-XXXXXX").string();
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
    write(
        "s.star",
        "svc = service('svc', '/bin/sh', args = ['-c', 'echo hello from the service; sleep 600'],\n"
        "              observe = [stdout()])\n"
        "def wait():\n"
        "    assert_eventually(type = 'stdout', within = '20s')\n"
        "def test_a():\n    wait()\n"
        "def test_b():\n    print('b prints')\n    assert_true(False, 'b fails')\n"
        "def test_c():\n    wait()\n"
        "def test_d():\n    fault(svc, write = deny('EIO', probability = '50%'), run = lambda: "
        "assert_true(True))\n");
    write("slow.star",
          "svc = service('svc', '/bin/sh', args = ['-c', 'sleep 1; echo late; sleep 600'],\n"
          "              observe = [stdout()])\n"
          "def test_slow():\n    assert_eventually(type = 'stdout', within = '20s')\n");
  }
  ~TestFlagsTest() override { fs::remove_all(directory_); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(directory_ + "/" + name) << text;
  }
  CommandResult test(const std::string& arguments) {
    return run_command(directory_, FB_BINARY " test " + arguments);
  }
  CommandResult on_terminal(const std::string& environment, const std::string& flags,
                            const std::string& arguments) {
    return run_command(directory_, environment +
                                       " python3 " FB_SOURCE_DIR "/tests/support/on_terminal.py " +
                                       flags + " -- " FB_BINARY " test " + arguments);
  }
  nlohmann::json document(const std::string& arguments) {
    return nlohmann::json::parse(test("--format json " + arguments).out);
  }

  std::string directory_;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// What may differ between two invocations: times, pids and how many tests go side by side.
std::string timeless(const std::string& text) {
  static const std::regex varying(
      R"re("(duration_ms|timestamp|pid|tid|fd|latency_ms|jobs)": ("[^"]*"|[0-9.]+)|\d+ms|\w+:\[\d+\])re");
  return std::regex_replace(text, varying, "");
}

TEST_F(TestFlagsTest, ResultsDoNotDependOnHowManyTestsRunSideBySide) {
  write("draws.star",
        "kv = service('kv', '" FB_GUEST_DIR
        "/kv', interface('main', 'tcp', 7001),\n"
        "             args = ['7001', '/tmp/kv.log'], healthcheck = tcp('localhost:7001'))\n"
        "def send():\n    return [kv.main.send('go') for _ in range(4)]\n"
        "def test_a():\n    assert_eq(send(), ['ok'] * 4)\n"
        "def test_b():\n    fault(kv, fsync = deny('EIO', probability = '30%'),\n"
        "          run = lambda: assert_eq(send(), ['ok'] * 4))\n"
        "def test_c():\n    assert_eq(send(), ['ok'] * 4)\n");
  const std::string one = timeless(test("draws.star --format json --runs 5 --jobs 1").out);
  EXPECT_TRUE(has(one, "\"fail\": 1")) << one;
  EXPECT_TRUE(timeless(test("draws.star --format json --runs 5 --jobs 3").out) == one);
  EXPECT_TRUE(timeless(test("draws.star --format json --runs 5 --jobs auto").out) == one);
}

TEST_F(TestFlagsTest, ReportsComeInOrderWithTheLinesOfATestTogether) {
  const CommandResult result = test("s.star --jobs 4");
  EXPECT_EQ(result.exit_code, 2);
  const size_t a = result.err.find(": test_a ("), b = result.err.find(": test_b ("),
               c = result.err.find(": test_c (");
  EXPECT_TRUE(a < b && b < c && c != std::string::npos) << result.err;
  const size_t printed = result.err.find("b prints");
  EXPECT_TRUE(a < printed && printed < b) << result.err;
  EXPECT_TRUE(has(result.out, "svc | hello from the service")) << result.out;
}

TEST_F(TestFlagsTest, ATestStopsAtItsFirstFailure) {
  const nlohmann::json all = document("s.star --runs 4 --jobs 2");
  std::vector<std::string> runs;
  for (const auto& one : all["tests"])
    runs.push_back(one["name"].get<std::string>() + "." + one["run"].dump() + "." +
                   one["seed"].dump());
  EXPECT_EQ(std::count_if(runs.begin(), runs.end(),
                          [](const std::string& name) { return name.starts_with("test_b"); }),
            1);
  EXPECT_EQ(runs[3], "test_a.3.3");
}

TEST_F(TestFlagsTest, RunsAreToldInOneLine) {
  const CommandResult result = test("s.star --test a --runs 3");
  EXPECT_TRUE(has(result.err, "--- PASS: test_a (3/3 runs) ---")) << result.err;
  const CommandResult failing = test("s.star --test b --runs 3");
  EXPECT_TRUE(has(failing.err, "(0/1 runs passed before failure)")) << failing.err;
}

TEST_F(TestFlagsTest, InSharedModeTestsRunOneAtATimeAndTheReportSaysSo) {
  const CommandResult result = test("s.star --jobs 4 --isolation none");
  EXPECT_TRUE(has(result.err, "isolation: none: --isolation none; tests run one at a time, not 4"))
      << result.err;
  EXPECT_EQ(document("s.star --jobs 4 --isolation none")["jobs"], 1);
}

TEST_F(TestFlagsTest, TheNetworkOfTheHostWhereTheSpecAsksForIt) {
  write("net.star",
        "options(network = 'host')\nsvc = service('svc', '/bin/sh', args = ['-c', 'readlink "
        "/proc/self/ns/net; sleep 600'])\ndef test_a():\n    assert_true(True)\n");
  const CommandResult result = test("net.star");
  EXPECT_TRUE(has(result.err, "isolation: partial: network: options(network=\"host\")"))
      << result.err;
}

TEST_F(TestFlagsTest, ShowFailLeavesPassingTestsOut) {
  const CommandResult result = test("s.star --show fail");
  EXPECT_FALSE(has(result.err, "PASS")) << result.err;
  EXPECT_TRUE(has(result.err, "3 passed, 1 failed")) << result.err;
  const nlohmann::json shown = document("s.star --show fail");
  EXPECT_EQ(shown["tests"].size(), 1u);
  EXPECT_EQ(shown["pass"], 3);
}

TEST_F(TestFlagsTest, WarningsCountWithStrict) {
  write("w.star", "def test_a():\n    pass\n");
  EXPECT_EQ(test("w.star").exit_code, 0);
  EXPECT_EQ(test("w.star --strict").exit_code, 2);
}

TEST_F(TestFlagsTest, TheTimeoutIsOfTestsThatSetNone) {
  write("t.star",
        "def test_a():\n    assert_eventually(type = 'stdout', within = '30s')\n"
        "def test_b():\n    options(timeout = '50ms')\n"
        "    assert_eventually(type = 'stdout', within = '30s')\n");
  const CommandResult result = test("t.star --timeout 300ms");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(has(result.err, "test timed out after 300ms")) << result.err;
  EXPECT_TRUE(has(result.err, "test timed out after 50ms")) << result.err;
  EXPECT_TRUE(has(result.err, "--timeout=300ms")) << result.err;
}

TEST_F(TestFlagsTest, AServiceThatCannotBeLaunchedIsNoVerdict) {
  write("m.star", "svc = service('svc', './no-such-binary')\ndef test_a():\n    pass\n");
  const CommandResult result = test("m.star");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(has(result.err, "no-such-binary: no such file or directory")) << result.err;
  EXPECT_EQ(document("m.star")["tests"][0]["failure_type"], "service_start");
}

TEST_F(TestFlagsTest, KeptFilesStayAndTheirPathIsTold) {
  write("k.star",
        "svc = service('svc', '/bin/sh', args = ['-c', 'echo kept >/tmp/by-the-service; echo "
        "done; sleep 600'], observe = [stdout()])\n"
        "def test_a():\n    assert_eventually(type = 'stdout', within = '20s')\n");
  const CommandResult result =
      run_command(directory_, "TMPDIR=" + directory_ +
                                  " " FB_BINARY
                                  " test k.star --keep 2>err; cat err >&2; "
                                  "cat $(sed -n 's/.*path=//p' err)/tmp/by-the-service");
  EXPECT_TRUE(has(result.err, "kept test=test_a path=")) << result.err;
  EXPECT_TRUE(has(result.out, "kept\n")) << result.err;
  EXPECT_FALSE(fs::exists("/tmp/by-the-service"));
}

TEST_F(TestFlagsTest, AProgressLineOnATerminal) {
  const CommandResult result = on_terminal("env -u CI -u NO_COLOR TERM=xterm", "", "slow.star");
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_TRUE(has(result.out, "[0/1] test_slow ")) << result.out;
  // Gone before the report.
  const size_t report = result.out.find("--- ");
  const size_t last = result.out.rfind("[0/1]");
  ASSERT_LT(last, report) << result.out;
  EXPECT_TRUE(has(result.out.substr(last, report - last), "\r\x1b[K")) << result.out;
  EXPECT_TRUE(has(result.out, "\x1b[32m")) << result.out;
}

TEST_F(TestFlagsTest, NoProgressWhereItIsNotWanted) {
  for (const auto& [environment, flag] :
       {std::pair{"env CI=1", ""}, {"env -u CI", " --no-progress"}})
    EXPECT_FALSE(has(on_terminal(environment, "", std::string("slow.star") + flag).out, "[0/1]"));
  EXPECT_FALSE(has(test("slow.star").err, "[0/1]"));
}

TEST_F(TestFlagsTest, ColourIsDecidedPerStream) {
  EXPECT_FALSE(has(on_terminal("env NO_COLOR=1", "", "s.star").out, "\x1b[3"));
  EXPECT_FALSE(has(on_terminal("env -u NO_COLOR TERM=dumb", "", "s.star").out, "\x1b[3"));
  EXPECT_FALSE(has(test("s.star").err, "\x1b["));
}

TEST_F(TestFlagsTest, AClosedStandardOutputEndsQuietly) {
  const CommandResult result =
      run_command(directory_, FB_BINARY " test s.star --format json --test a | true");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_FALSE(has(result.err, "roken pipe")) << result.err;
}

TEST_F(TestFlagsTest, LogLinesCanBeJson) {
  const CommandResult result = test("s.star --test b --log-format json");
  EXPECT_TRUE(has(result.err, R"({"level":"info","msg":"b prints"})")) << result.err;
}

TEST_F(TestFlagsTest, TheLastOfARepeatedFlagWins) {
  EXPECT_EQ(document("s.star --seed 3 --test a --seed=9")["seed"], 9);
}

TEST_F(TestFlagsTest, BadValuesComeWithASuggestionAndTheUsage) {
  for (const char* arguments : {"s.star --format jsn", "s.star --isolation ful", "s.star --jobs 0",
                                "s.star --sed 3", "s.star --log-format jso", "--config x.yaml"}) {
    const CommandResult result = test(arguments);
    EXPECT_EQ(result.exit_code, 1) << arguments;
    EXPECT_TRUE(has(result.err, "Usage: ")) << arguments << result.err;
  }
  EXPECT_TRUE(has(test("s.star --format jsn").err, "did you mean \"json\"?"));
}

// As a user without rights: user namespaces where they may be made, else the shared column.
TEST_F(TestFlagsTest, WithoutRootTheReportSaysWhatIsShared) {
  if (run_command("/", "id -u").out != "0\n") GTEST_SKIP() << "needs root to become somebody else";
  fs::permissions(directory_, fs::perms::all);
  const auto as_nobody = [&](const std::string& prefix) {
    return run_command(directory_, prefix + " setpriv --reuid=65534 --regid=65534 --clear-groups " +
                                       FB_BINARY " test s.star --format json --test a");
  };
  const CommandResult reachable = run_command(
      directory_, "setpriv --reuid=65534 --regid=65534 --clear-groups test -x " FB_BINARY);
  if (reachable.exit_code != 0) GTEST_SKIP() << "the program is where nobody may not go";
  const CommandResult allowed = as_nobody("");
  const auto full = nlohmann::json::parse(allowed.out);
  EXPECT_EQ(full["pass"], 1) << allowed.err;
  EXPECT_EQ(full["isolation"]["mode"], "full") << full["isolation"]["why"];
}

TEST_F(TestFlagsTest, CheckFindsWhatIsLiteral) {
  write("c.star",
        "db = service('db', './nodb', interface('main', 'tcp', 7001))\n"
        "def test_a():\n    fault(db, wriet = deny('EIO'))\n    db.mian\n");
  const auto check = [&](const std::string& arguments) {
    return run_command(directory_, FB_BINARY " check " + arguments);
  };
  const CommandResult text = check("c.star");
  EXPECT_EQ(text.exit_code, 2);
  EXPECT_TRUE(has(text.out, "c.star:3:10: error SPEC_INVALID: fault(): ")) << text.out;
  EXPECT_TRUE(has(text.out, "(did you mean \"write\"")) << text.out;
  EXPECT_TRUE(has(text.out, ": warning LAUNCH_FAILED: ")) << text.out;
  const auto json = nlohmann::json::parse(check("--format json c.star").out);
  EXPECT_EQ(json["version"], 2);
  EXPECT_EQ(json["ok"], false);
  EXPECT_EQ(json["tests"], nlohmann::json({"test_a"}));
  EXPECT_EQ(json["services"][0]["name"], "db");

  const CommandResult sound = check("s.star");
  EXPECT_EQ(sound.exit_code, 0) << sound.out;
  EXPECT_TRUE(has(sound.out, "info RECORDED_SET: recorded of \"svc\": ")) << sound.out;
  write("w.star", "def test_a():\n    pass\n");
  EXPECT_EQ(check("w.star").exit_code, 0);
  EXPECT_EQ(check("w.star --strict").exit_code, 2);
  EXPECT_EQ(check("missing.star").exit_code, 1);
  EXPECT_EQ(check("--nonsense c.star").exit_code, 1);
  write("broken.star", "x = \n");
  const CommandResult broken = check("broken.star");
  EXPECT_EQ(broken.exit_code, 2);
  EXPECT_TRUE(broken.out.starts_with("broken.star:1:")) << broken.out;
  EXPECT_TRUE(has(broken.out, ": error SPEC_SYNTAX: ")) << broken.out;
}

}  // namespace
}  // namespace fb
