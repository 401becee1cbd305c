// The tutorial systems: every test of their specs passes, and what happened reads the same every
// time (tests/golden/tutorial). FAULTBOX_UPDATE_GOLDEN=1 writes the goldens anew.
#include "tests/support/run_command.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <unistd.h>

namespace fb {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

class TutorialTest : public testing::TestWithParam<const char*> {
 protected:
  ~TutorialTest() override { std::filesystem::remove(trace_); }

  std::string golden() const {
    return std::string(FB_SOURCE_DIR "/tests/golden/tutorial/") + GetParam() + ".trace";
  }
  std::string run() {
    const CommandResult result =
        run_command(FB_GUEST_DIR, FB_BINARY " test " FB_SOURCE_DIR "/tests/specs/tutorial/" +
                                      std::string(GetParam()) + ".star --normalize " + trace_);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return read_file(trace_);
  }
  // As `faultbox diff` says it.
  std::string difference() const {
    return run_command(FB_GUEST_DIR, FB_BINARY " diff " + golden() + " " + trace_).out;
  }

  const std::string trace_ =
      (std::filesystem::temp_directory_path() / ("tutorial_" + std::to_string(::getpid())))
          .string();
};

TEST_P(TutorialTest, ReadsAsTheGoldenTrace) {
  const std::string trace = run();
  if (std::getenv("FAULTBOX_UPDATE_GOLDEN") != nullptr) std::ofstream(golden()) << trace;
  EXPECT_EQ(trace, read_file(golden())) << difference();
}

INSTANTIATE_TEST_SUITE_P(, TutorialTest, testing::Values("mock_db", "orders"),
                         [](const auto& spec) { return std::string(spec.param); });

}  // namespace
}  // namespace fb
