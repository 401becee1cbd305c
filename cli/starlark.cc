// faultbox starlark FILE: runs a plain Starlark file, for trying things (the language, json and
// math; no services).
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/disk_files.h"
#include "starlark/lib/run_file.h"

#include <cstdio>
#include <fmt/format.h>

namespace fb::cli {

int starlark_command(const Invocation& invocation) {
  std::string file;
  starlark::lib::RunOptions options;
  options.dialect.explain_python = true;
  CLI::App app("Runs a plain Starlark file: the language, json and math.", "faultbox starlark");
  app.add_option("FILE", file, "the file")->required();
  app.add_flag("--recursion", options.dialect.recursion, "allow recursive functions");
  if (const std::optional<int> exit = parse(app, invocation.arguments)) return *exit;
  options.read_file = read_file;
  return starlark::lib::run_file(
      file, options, [](std::string_view text) { fmt::print("{}", text); },
      [](std::string_view text) { fmt::print(stderr, "{}", text); });
}

}  // namespace fb::cli
