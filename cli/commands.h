// The sub-commands of faultbox, one file each. A new one is a new file and a new row in
// commands.cc.
#pragma once
#include "cli/invocation.h"

#include <span>
#include <string_view>

namespace fb::cli {

struct Command {
  std::string_view name;
  std::string_view summary;
  // Returns the exit code (cli.md §1.2).
  int (*run)(const Invocation& invocation);
};

std::span<const Command> commands();  // sorted by name

// Chooses and runs the command that the first argument names.
int run_command(const Invocation& invocation);

int check_command(const Invocation& invocation);
int diff_command(const Invocation& invocation);
int generate_command(const Invocation& invocation);
int help_command(const Invocation& invocation);
int init_command(const Invocation& invocation);
int mcp_command(const Invocation& invocation);
int run_program_command(const Invocation& invocation);
int starlark_command(const Invocation& invocation);
int test_command(const Invocation& invocation);
int version_command(const Invocation& invocation);

}  // namespace fb::cli
