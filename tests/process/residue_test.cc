// A long suite leaves the machine as it found it: no process, mount or file more, and neither the
// memory nor the descriptors of faultbox grow with the number of tests. A namespace lives as long
// as a process, a mount or a descriptor holds it, so that it needs no count of its own.
#include "tests/support/run_command.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>

namespace fb {
namespace {

namespace fs = std::filesystem;

class ResidueTest : public ::testing::Test {
 protected:
  ResidueTest() {
    directory_ = (fs::temp_directory_path() / "faultbox-residue-XXXXXX").string();
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
  }
  ~ResidueTest() override { fs::remove_all(directory_); }

  // `count` tests with two services that fork, write to /tmp and are faulted.
  void write_spec(int count) {
    std::ofstream spec(directory_ + "/many.star");
    spec << "a = service('a', '/bin/sh', args = ['-c', 'sleep 61.5 & echo x >/tmp/residue-a; echo "
            "up; sleep 61.5'], observe = [stdout()])\n"
            "b = service('b', '/bin/sh', args = ['-c', 'echo up; sleep 61.5'])\n"
            "def body():\n    assert_eventually(type = 'stdout', within = '20s')\n";
    for (int i = 0; i < count; ++i)
      spec << "def test_" << i
           << "():\n    fault(a, write = deny('EIO', path = '/tmp/residue-a'), run = body)\n";
  }

  // Runs it and samples the worker at its 10th and at its last tests: descriptors and resident
  // kilobytes, as it is seen from outside.
  void check(int count) {
    write_spec(count);
    const std::string census =
        "cat /proc/mounts | wc -l; ls /tmp /var/tmp /dev/shm | grep -c '^faultbox-[a-z]*$'; "
        "ls " +
        directory_ + " | wc -l; pgrep -fxc 'sleep 61.5'; true";
    const CommandResult before = run_command("/", census);
    const CommandResult run = run_command(
        directory_,
        "TMPDIR=" + directory_ +
            " " FB_BINARY
            " test many.star >/dev/null 2>err & p=$!; "
            "sample() { w=$(pgrep -P $p | head -1); ls /proc/$w/fd | wc -l; "
            "sed -n 's/VmRSS:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/$w/status; }; "
            "done_tests() { grep -c -e '^--- ' err; }; "
            "until [ $(done_tests) -ge 10 ] || ! kill -0 $p; do sleep 0.02; done; sample; "
            "until ! kill -0 $p || [ $(done_tests) -ge " +
            std::to_string(count - 5) +
            " ]; do sleep 0.02; done; "
            "sample; wait $p; echo $?; tail -1 err; rm err");
    std::istringstream sampled(run.out);
    long fds_early = 0, kb_early = 0, fds_late = 0, kb_late = 0, code = -1;
    sampled >> fds_early >> kb_early >> fds_late >> kb_late >> code;
    EXPECT_EQ(code, 0) << run.out << run.err;
    EXPECT_GT(fds_early, 3) << run.out;
    // Two samples are not taken at the same moment of a test.
    EXPECT_LE(fds_late, fds_early + 12) << run.out;
    EXPECT_LE(kb_late, kb_early + 4096) << run.out;
    const CommandResult after = run_command("/", census);
    EXPECT_EQ(before.out, after.out) << "mounts, run files, files here, processes";
    EXPECT_FALSE(fs::exists("/tmp/residue-a"));
  }

  std::string directory_;
};

TEST_F(ResidueTest, ManyTestsLeaveNothing) {
  check(FB_RESIDUE_TESTS);
}

}  // namespace
}  // namespace fb
