// What `faultbox run` was asked to do: its flags and the program's command line, parsed and checked
// (cli.md §3).
#pragma once
#include "cli/invocation.h"
#include "cli/log.h"
#include "cli/test_options.h"
#include "core/model/fault_rule.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fb::cli {

struct RunOptions {
  std::string program;            // as given
  std::vector<std::string> args;  // of the program
  std::vector<FaultRule> rules;   // in the order given
  std::map<std::string, std::string> env;
  uint64_t seed = 0;
  bool host_network = false;
  IsolationWish isolation = IsolationWish::kAuto;
  std::string output;  // file; empty: not asked for
  bool debug = false;
  bool redact = true;
  LogFormat log_format = LogFormat::kConsole;
};

// Parses the command line. Without a value the command is over: `exit` has its code and everything
// has been said.
std::optional<RunOptions> parse_run_options(const Invocation& invocation, int& exit);

}  // namespace fb::cli
