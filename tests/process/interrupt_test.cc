// Ctrl-C at any moment leaves no process, namespace or file behind (cli.md §1.2).
#include "tests/support/run_command.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <signal.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace fb {
namespace {

namespace fs = std::filesystem;

// Processes whose command line shows that they belong to this test.
std::set<std::string> processes_with(const std::string& mark) {
  std::set<std::string> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string pid = entry.path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream stream(entry.path() / "cmdline", std::ios::binary);
    const std::string line((std::istreambuf_iterator<char>(stream)), {});
    if (line.find(mark) != std::string::npos) found.insert(pid);
  }
  return found;
}

size_t lines_of(const char* path) {
  std::ifstream stream(path);
  size_t n = 0;
  for (std::string line; std::getline(stream, line);) ++n;
  return n;
}

class InterruptTest : public ::testing::TestWithParam<int> {};

TEST_P(InterruptTest, LeavesNothingBehind) {
  const std::string mark = "interrupt-mark-" + std::to_string(getpid());
  const size_t mounts = lines_of("/proc/self/mountinfo");
  std::string directory = (fs::temp_directory_path() / "interrupt-XXXXXX").string();
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  const fs::path spec = fs::path(directory) / (mark + ".star");
  std::ofstream(spec)
      << "a = service(\"a\", \"/bin/sh\", args = [\"-c\", \"sleep 300 & sleep 301; : " << mark
      << "\"])\n"
      << "b = service(\"b\", \"/bin/sh\", args = [\"-c\", \"trap '' TERM; sleep 302; : " << mark
      << "\"], depends_on = [a])\n"
      << "def test_wait():\n    assert_eventually(type = \"violation\", within = \"50s\")\n";
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    setenv("TMPDIR", directory.c_str(), 1);
    unsetenv("XDG_RUNTIME_DIR");
    execl(FB_BINARY, FB_BINARY, "test", spec.c_str(), "--no-progress", nullptr);
    _exit(127);
  }
  usleep(static_cast<useconds_t>(GetParam()) * 1000);  // the moment is the parameter of this test
  kill(child, SIGINT);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 130);
  // What the kernel is still taking down is gone within moments; nothing may stay.
  std::set<std::string> left = processes_with(mark);
  for (int i = 0; i < 200 && !left.empty(); ++i) {
    usleep(10'000);
    left = processes_with(mark);
  }
  EXPECT_TRUE(left.empty()) << left.size() << " processes are left";
  EXPECT_EQ(lines_of("/proc/self/mountinfo"), mounts);
  EXPECT_EQ(std::distance(fs::directory_iterator(directory), {}), 1) << "only the spec stays";
  fs::remove_all(directory);
}

INSTANTIATE_TEST_SUITE_P(Moments, InterruptTest,
                         ::testing::Values(20, 35, 50, 80, 120, 200, 400, 800));

}  // namespace
}  // namespace fb
