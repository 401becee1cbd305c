// Runs a command line of the shell and keeps what it printed, for tests that look at faultbox from
// outside.
#pragma once
#include <string>

namespace fb {

struct CommandResult {
  int exit_code = 0;  // 128 + N when signal N ended it
  std::string out, err;
};

// `directory` becomes the working directory. Aborts the test program when the shell cannot be
// started.
CommandResult run_command(const std::string& directory, const std::string& command);

}  // namespace fb
