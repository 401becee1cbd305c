#include "cli/commands.h"

#include "cli/arguments.h"
#include "cli/version.h"
#include "core/base/suggest.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>

namespace fb::cli {
namespace {

constexpr Command kCommands[] = {
    {"check", "validate a spec without starting anything", check_command},
    {"diff", "compare two normalized traces", diff_command},
    {"generate", "write failure tests from scenario() functions", generate_command},
    {"help", "usage of a command", help_command},
    {"init", "starter spec, import from compose, editor and agent set-up", init_command},
    {"mcp", "Model Context Protocol server on stdio", mcp_command},
    {"run", "run one program, optionally with faults", run_program_command},
    {"starlark", "run a plain Starlark file", starlark_command},
    {"test", "run a spec", test_command},
    {"version", "print the version", version_command},
};

std::string usage() {
  std::string text = "usage: faultbox COMMAND [flags] …\n\ncommands:\n";
  for (const Command& command : kCommands)
    text += fmt::format("  {:<10} {}\n", command.name, command.summary);
  return text + "\n`faultbox help COMMAND` tells more.\n";
}

const Command* find(std::string_view name) {
  const auto found = std::find_if(std::begin(kCommands), std::end(kCommands),
                                  [&](const Command& command) { return command.name == name; });
  return found == std::end(kCommands) ? nullptr : found;
}

int unknown_command(const std::string& name) {
  if (name == "self-update")
    return usage_error("self-update is not available: use your package manager");
  std::vector<std::string> names;
  for (const Command& command : kCommands) names.emplace_back(command.name);
  fmt::print(stderr, "faultbox: unknown command {}{}\n\n{}", name, did_you_mean(name, names),
             usage());
  return 1;
}

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

int run_command(const Invocation& invocation) {
  if (invocation.arguments.empty()) {
    fmt::print(stderr, "{}", usage());
    return 0;
  }
  const std::string& name = invocation.arguments.front();
  Invocation rest = invocation;
  rest.arguments.erase(rest.arguments.begin());
  if (name == "--version") return version_command(rest);
  if (name == "-h" || name == "--help") return help_command(rest);
  const Command* command = find(name);
  return command == nullptr ? unknown_command(name) : command->run(rest);
}

int help_command(const Invocation& invocation) {
  if (invocation.arguments.empty()) {
    fmt::print("{}", usage());
    return 0;
  }
  const std::string& wanted = invocation.arguments.front();
  const Command* command = find(wanted == "--help" || wanted == "-h" ? "help" : wanted);
  if (command == nullptr) return unknown_command(invocation.arguments.front());
  if (command->run == help_command) {
    fmt::print("usage: faultbox help [COMMAND]\n");
    return 0;
  }
  Invocation help = invocation;
  help.arguments = {"--help"};
  return command->run(help);
}

int version_command(const Invocation& invocation) {
  CLI::App app("Prints the version.", "faultbox version");
  if (const std::optional<int> exit = parse(app, invocation.arguments)) return *exit;
  fmt::print("faultbox {}\n", kVersion);
  return 0;
}

}  // namespace fb::cli
