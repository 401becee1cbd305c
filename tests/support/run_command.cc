#include "tests/support/run_command.h"

#include "core/base/check.h"
#include "core/base/text.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace fb {
namespace {

std::string slurp(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(text).str();
}

}  // namespace

CommandResult run_command(const std::string& directory, const std::string& command) {
  std::string scratch = (std::filesystem::temp_directory_path() / "faultbox-test-XXXXXX").string();
  FB_CHECK(mkdtemp(scratch.data()) != nullptr);
  const std::string line = "cd " + shell_quote(directory) + " && ( " + command + " ) >" + scratch +
                           "/out 2>" + scratch + "/err </dev/null";
  const int status = std::system(line.c_str());
  FB_CHECK(status != -1);
  CommandResult result;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = slurp(scratch + "/out");
  result.err = slurp(scratch + "/err");
  std::filesystem::remove_all(scratch);
  return result;
}

}  // namespace fb
