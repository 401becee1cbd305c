// One program under the rules of a command line, on our own terminal: what `faultbox run` does
// between its flags and its summary. The program is the service "run" of the test "run".
#pragma once
#include "cli/invocation.h"
#include "cli/log.h"
#include "cli/run_options.h"
#include "core/run/test_result.h"
#include "core/runtime/launcher.h"

#include <string>
#include <variant>

namespace fb::cli {

struct ProgramEnd {
  ExitState exit;
  TestResult result;  // events, rules, summary, FAULT_NOT_FIRED
  std::string isolation_mode, isolation_why;
};

struct ProgramFailure {
  bool not_executable = false;  // else an error of ours
  std::string message;
};

// Runs it to its end. Firings (and with --debug every call) are logged as they happen; SIGINT,
// SIGTERM and SIGHUP are passed on.
std::variant<ProgramEnd, ProgramFailure> run_program(const RunOptions& options,
                                                     const Invocation& invocation, const Log& log);

}  // namespace fb::cli
