// faultbox diff A B: compares two files written by `faultbox test --normalize` (cli.md §6).
#include "core/trace/diff.h"

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/disk_files.h"

#include <fmt/format.h>

namespace fb::cli {

int diff_command(const Invocation& invocation) {
  CLI::App app(
      "Compares two normalized traces; exit 0 when they are identical, 2 when they differ.",
      "faultbox diff");
  std::string a, b;
  app.add_option("A", a, "a file written by --normalize")->required();
  app.add_option("B", b, "another")->required();
  if (const std::optional<int> exit = parse(app, invocation.arguments)) return *exit;
  const Result<std::string> text_a = read_file(a);
  if (!text_a.ok()) return usage_error(text_a.error().message);
  const Result<std::string> text_b = read_file(b);
  if (!text_b.ok()) return usage_error(text_b.error().message);
  const TraceDiff diff = diff_traces(*text_a, *text_b, invocation.stdout_stream.colour());
  fmt::print("{}", diff.text);
  return diff.identical ? 0 : 2;
}

}  // namespace fb::cli
