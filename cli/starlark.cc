// faultbox starlark FILE: runs a plain Starlark file, for trying things (the language, json and
// math; no services).
#include "cli/arguments.h"
#include "cli/commands.h"
#include "starlark/lib/run_file.h"

namespace fb::cli {

int starlark_command(const Invocation& invocation) {
  std::string file;
  bool recursion = false;
  CLI::App app("Runs a plain Starlark file: the language, json and math.", "faultbox starlark");
  app.add_option("FILE", file, "the file")->required();
  app.add_flag("--recursion", recursion, "allow recursive functions");
  if (const std::optional<int> exit = parse(app, invocation.arguments)) return *exit;
  return starlark::run_file(file, {.recursion = recursion}, stdout, stderr);
}

}  // namespace fb::cli
