// faultbox run on programs as everybody has them.
#include "tests/support/run_command.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace fb {
namespace {

class RunTest : public ::testing::Test {
 protected:
  RunTest() {
    directory_ = (std::filesystem::temp_directory_path() / "faultbox-run-XXXXXX").string();
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
  }
  ~RunTest() override { std::filesystem::remove_all(directory_); }

  // `command` in a fresh directory; FB stands for `faultbox run`.
  CommandResult run(std::string command) {
    const std::string binary = FB_BINARY " run";
    for (size_t at = 0; (at = command.find("FB ", at)) != std::string::npos; at += binary.size())
      command.replace(at, 2, binary);
    return run_command(directory_, command);
  }
  static std::string on_terminal(const std::string& flags) {
    return "python3 " FB_SOURCE_DIR "/tests/support/on_terminal.py " + flags + " -- ";
  }

  std::string directory_;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(RunTest, TheProgramsCodeAndOutputAreItsOwn) {
  const CommandResult result = run("FB sh -c 'echo out; echo err >&2; exit 7'");
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_EQ(result.out, "out\n");
  EXPECT_EQ(result.err, "err\n");
}

TEST_F(RunTest, StandardInputIsPassedThrough) {
  const CommandResult result = run("printf 'a\\0b\\n' | FB cat | od -c | head -1");
  EXPECT_TRUE(has(result.out, "a  \\0   b  \\n")) << result.out;
}

TEST_F(RunTest, ASignalThatEndsItBecomesTheExitCode) {
  EXPECT_EQ(run("FB sh -c 'kill -9 $$'").exit_code, 137);
  EXPECT_EQ(run("FB sh -c 'kill -TERM $$'").exit_code, 143);
}

TEST_F(RunTest, WhatCannotBeExecutedIs127) {
  EXPECT_EQ(run("FB no-such-program-anywhere").exit_code, 127);
  EXPECT_EQ(run("echo text >plain; FB ./plain").exit_code, 127);
  const CommandResult script = run("echo '#!/no/such/shell' >s; chmod +x s; FB ./s");
  EXPECT_EQ(script.exit_code, 127);
  EXPECT_TRUE(has(script.err, "bad interpreter '/no/such/shell'")) << script.err;
}

TEST_F(RunTest, OurOwnErrorsAre1) {
  EXPECT_EQ(run("FB --").exit_code, 1);
  EXPECT_EQ(run("FB --fault fsync=EOI true").exit_code, 1);
  EXPECT_EQ(run("FB --no-such-flag true").exit_code, 1);
  EXPECT_EQ(run("FB --env NOVALUE true").exit_code, 1);
  EXPECT_EQ(run("FB --output no/such/directory/x.json touch made").exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/made"));
}

TEST_F(RunTest, FlagsEndAtTheProgramOrAtTwoDashes) {
  EXPECT_EQ(run("FB echo --seed 3").out, "--seed 3\n");
  EXPECT_EQ(run("FB --seed 3 -- echo -- x").out, "-- x\n");
}

TEST_F(RunTest, ItLivesInNamespacesOfItsOwnWithoutANetwork) {
  const CommandResult result = run(
      "for n in pid user net mnt; do readlink /proc/self/ns/$n; done >host;"
      "FB sh -c 'for n in pid user net mnt; do readlink /proc/self/ns/$n; done; echo $$' >guest;"
      "comm -12 host guest; tail -1 guest");
  // No namespace is shared, and the program is not the first process of its own.
  EXPECT_EQ(result.out, "2\n") << result.err;
}

TEST_F(RunTest, FilesItWritesAreReal) {
  run("FB sh -c 'echo x >made'");
  EXPECT_TRUE(std::filesystem::exists(directory_ + "/made"));
}

TEST_F(RunTest, TheEnvironmentIsInheritedAndAddedTo) {
  EXPECT_EQ(run("A=1 B=2 FB --env B=3 --env C=4 sh -c 'echo $A $B $C'").out, "1 3 4\n");
}

TEST_F(RunTest, DdSeesItsFsyncFail) {
  const CommandResult result =
      run("echo data >s; FB --fault fsync=EIO:100% -- dd if=s of=x conv=fsync status=none");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(has(result.err, "fsync failed for 'x': Input/output error")) << result.err;
  EXPECT_TRUE(has(result.err, "faultbox: fsync decision=\"deny(input/output error)\" path="))
      << result.err;
  EXPECT_TRUE(has(result.err, "fsync=EIO:100%  1 hit (1 call matched)")) << result.err;
}

TEST_F(RunTest, AShellReportsAFullDisk) {
  const CommandResult result = run("FB --fault write=ENOSPC:100%:**/x -- bash -c 'echo data >x'");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(has(result.err, "No space left on device")) << result.err;
}

TEST_F(RunTest, AProgramMayLoseDataSilently) {
  const CommandResult result =
      run("FB --fault write=ENOSPC:100%:**/x -- perl -e 'open F,\">\",\"x\"; print F \"data\\n\"; "
          "close F;'; echo $?; wc -c <x");
  EXPECT_EQ(result.out, "0\n0\n") << result.err;
}

TEST_F(RunTest, PythonSeesTheSecondWriteFail) {
  const CommandResult result =
      run("FB --fault 'write=EIO:100%:x:nth=2' -- python3 -c \"import os; fd = os.open('x', 65)\n"
          "for i in range(3):\n try: print(os.write(fd, b'ab'))\n except OSError as e: "
          "print(e.strerror)\"");
  EXPECT_EQ(result.out, "2\nInput/output error\n2\n") << result.err;
}

TEST_F(RunTest, SqliteReportsAFailedCommit) {
  const CommandResult result =
      run("FB --fs-fault sync=EIO -- python3 -c \"import sqlite3\nc = sqlite3.connect('k.db')\n"
          "try: c.execute('create table t(a)'); print('stored')\n"
          "except sqlite3.OperationalError as e: print(e)\"");
  EXPECT_EQ(result.out, "disk I/O error\n") << result.err;
}

TEST_F(RunTest, ARefusedConnectionAndADelayedOne) {
  const CommandResult refused =
      run("FB --fault connect=ECONNREFUSED -- python3 -c \"import socket\n"
          "l = socket.create_server(('127.0.0.1', 7001))\n"
          "try: socket.create_connection(('127.0.0.1', 7001)); print('connected')\n"
          "except OSError as e: print(e.strerror)\"");
  EXPECT_EQ(refused.out, "Connection refused\n") << refused.err;
  const CommandResult delayed =
      run("FB --fault connect=delay:300ms -- python3 -c \"import socket, time\n"
          "l = socket.create_server(('127.0.0.1', 7001)); t = time.time()\n"
          "socket.create_connection(('127.0.0.1', 7001)); print(time.time() - t >= 0.3)\"");
  EXPECT_EQ(delayed.out, "True\n") << delayed.err;
}

TEST_F(RunTest, TheFirstMatchingRuleDecidesAndDrawsFollowTheSeed) {
  const std::string program =
      " -- python3 -c \"import os\nfd = os.open('x', 65); r = ''\nfor i in range(40):\n"
      " try: os.write(fd, b'a'); r += '.'\n except OSError as e: r += str(e.errno) + ','\n"
      "print(r)\"";
  const auto with = [&](const std::string& flags) { return run("FB " + flags + program).out; };
  EXPECT_EQ(with("--fault write=EIO:x:first=1 --fault write=ENOSPC:x:first=1").substr(0, 5),
            "5,28,");
  const std::string seven = with("--seed 7 --fault write=EIO:50%:x");
  EXPECT_EQ(seven, with("--seed 7 --fault write=EIO:50%:x"));
  EXPECT_NE(seven, with("--seed 8 --fault write=EIO:50%:x"));
}

TEST_F(RunTest, ARuleThatNeverFiredSaysWhatWasCalledInstead) {
  const CommandResult result = run("FB --fault write=EIO:*.wal -- sh -c 'echo data >x'");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(has(result.err, "warning FAULT_NOT_FIRED")) << result.err;
  EXPECT_TRUE(has(result.err, "hint: the nearest calls it made: write ")) << result.err;
}

TEST_F(RunTest, TheDocumentHasTheEventsAndNoSecret) {
  run("API_TOKEN=hunter2hunter2 FB --fault 'write=EIO:**/x' --output o.json -- "
      "sh -c 'echo y >hunter2hunter2; echo data >x' 2>/dev/null");
  const CommandResult written = run("cat o.json");
  const auto document = nlohmann::json::parse(written.out);
  EXPECT_EQ(document["version"], 2);
  EXPECT_EQ(document["faults"][0]["hits"], 1);
  EXPECT_EQ(document["syscall_summary"]["run"]["faulted"], 1);
  EXPECT_GE(document["events"].size(), 4u);
  EXPECT_FALSE(has(written.out, "hunter2hunter2"));
  EXPECT_TRUE(has(written.out, "/***"));
}

TEST_F(RunTest, LogLinesCanBeJson) {
  const CommandResult result =
      run("FB --log-format json --fault fsync=EIO -- dd if=/dev/null of=x conv=fsync status=none "
          "2>&1 | grep '^{' | head -1");
  const auto line = nlohmann::json::parse(result.out);
  EXPECT_EQ(line["decision"], "deny(input/output error)");
  EXPECT_EQ(line["label"], "fsync=EIO");
}

TEST_F(RunTest, DebugTellsEveryRecordedCallAndWhy) {
  const CommandResult result =
      run("FB --debug --fault fsync=EIO:nth=2 -- dd if=/dev/null of=x conv=fsync status=none");
  EXPECT_TRUE(has(result.err, "fsync decision=allow")) << result.err;
  EXPECT_TRUE(has(result.err, "why=\"no rule fired\"")) << result.err;
}

TEST_F(RunTest, SignalsAreForwardedOnce) {
  const CommandResult result = run(
      "FB sh -c 'n=0; trap \"n=\\$((n+1)); echo term \\$n\" TERM; echo ready; "
      "while [ $n -lt 1 ]; do sleep 0.1; done; exit 5' >log & p=$!; "
      "until grep -q ready log 2>/dev/null; do sleep 0.05; done; kill -TERM $p; wait $p; echo $?; "
      "cat log");
  EXPECT_EQ(result.out, "5\nready\nterm 1\n") << result.err;
}

TEST_F(RunTest, OnATerminalTheProgramHasTheTerminal) {
  const CommandResult result = run(on_terminal("") + "FB sh -c 'test -t 0 && test -t 1 && tty'");
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_TRUE(has(result.out, "/dev/pts/")) << result.out;
}

TEST_F(RunTest, CtrlCOnATerminalReachesTheProgramOnce) {
  const CommandResult result =
      run(on_terminal("--interrupt-after ready") +
          "FB sh -c 'trap \"echo int; exit 9\" INT; echo ready; while :; do sleep 0.1; done'");
  EXPECT_EQ(result.exit_code, 9) << result.out;
  EXPECT_EQ(result.out.find("int\r\n"), result.out.rfind("int\r\n")) << result.out;
}

TEST_F(RunTest, WhatItLeavesBehindEndsWithIt) {
  const CommandResult result =
      run("FB sh -c 'sleep 7654.3 & echo started'; pgrep -fx 'sleep 7654.3' | wc -l");
  EXPECT_EQ(result.out, "started\n0\n");
}

TEST_F(RunTest, ProgramsWithoutIsolation) {
  const CommandResult result = run(
      "readlink /proc/self/ns/net >host; FB --isolation none readlink /proc/self/ns/net >guest;"
      "cmp host guest && FB --network host readlink /proc/self/ns/net >guest; cmp host guest && "
      "echo same");
  EXPECT_EQ(result.out, "same\n") << result.err;
}

}  // namespace
}  // namespace fb
