// faultbox init: a starter spec of a program or of a compose file, and the set-up of agents and
// editors (cli.md §7). Everything is written, or nothing.
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/disk_files.h"
#include "cli/init/binary_spec.h"
#include "cli/init/claude_files.h"
#include "cli/init/compose_import.h"
#include "cli/init/vscode_files.h"

#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <vector>

namespace fb::cli {
namespace {

struct InitOptions {
  BinarySpec binary;
  std::string compose, output;
  bool from_compose = false, claude = false, vscode = false, force = false;
};

struct Target {
  PlannedText file;
  bool merged = false;  // an existing one was taken into account
};

Result<std::optional<std::string>> existing_text(const std::string& path) {
  Result<std::string> text = read_file(path);
  if (text.ok()) return std::optional<std::string>(std::move(*text));
  if (text.error().code == Code::kNotFound) return std::optional<std::string>();
  return text.error();
}

Result<std::vector<Target>> plan(const InitOptions& options, const std::string& spec) {
  std::vector<Target> targets;
  if (!spec.empty() && !options.output.empty())
    targets.push_back({PlannedText{options.output, spec}});
  if (options.claude) {
    for (PlannedText& file : claude_commands()) targets.push_back({std::move(file)});
    const auto existing = FB_TRY(existing_text(".mcp.json"));
    targets.push_back(
        {PlannedText{".mcp.json", FB_TRY(merge_mcp_config(existing, options.force))}, true});
  }
  if (options.vscode) {
    for (PlannedText& file : vscode_files()) targets.push_back({std::move(file)});
    const std::string path = ".vscode/settings.json";
    const auto existing = FB_TRY(existing_text(path));
    targets.push_back({PlannedText{path, FB_TRY(merge_vscode_settings(existing))}, true});
  }
  return targets;
}

Status write_all(const std::vector<Target>& targets, bool force) {
  std::vector<std::optional<std::string>> old;
  for (const Target& target : targets) {
    old.push_back(FB_TRY(existing_text(target.file.path)));
    if (old.back() && *old.back() != target.file.text && !target.merged && !force)
      return invalid(target.file.path + " exists and is different; --force replaces it");
  }
  for (size_t i = 0; i < targets.size(); ++i) {
    const PlannedText& file = targets[i].file;
    if (old[i] == file.text) {
      fmt::print(stderr, "unchanged {}\n", file.path);
      continue;
    }
    FB_TRY(create_parents(file.path));
    FB_TRY(write_file(file.path, file.text));
    fmt::print(stderr, "{} {}\n", old[i] ? "updated" : "created", file.path);
  }
  return {};
}

}  // namespace

int init_command(const Invocation& invocation) {
  InitOptions options;
  CLI::App app("Writes a starter spec, or sets up agents and editors.", "faultbox init");
  app.add_option("BINARY", options.binary.binary, "the program the spec starts");
  app.add_option("--name", options.binary.name, "the service's name")->capture_default_str();
  app.add_option("--port", options.binary.port, "where it listens")->capture_default_str();
  app.add_option("--protocol", options.binary.protocol, "what it speaks")->capture_default_str();
  CLI::Option* compose =
      app.add_option("--from-compose", options.compose,
                     "import a docker compose file (default: compose.yaml and its usual names)")
          ->expected(0, 1);
  app.add_option("--output", options.output, "where the spec goes; else to stdout");
  app.add_flag("--claude", options.claude, "commands and MCP entry for Claude Code");
  app.add_flag("--vscode", options.vscode, "snippets, stubs and settings for VS Code");
  app.add_flag("--force", options.force, "replace existing files");
  if (const std::optional<int> exit = parse(app, invocation.arguments)) return *exit;
  options.from_compose = compose->count() > 0;

  if (options.from_compose && !options.binary.binary.empty())
    return usage_error("give either a BINARY or --from-compose, not both");
  const bool wants_spec = options.from_compose || !options.binary.binary.empty();
  if (!wants_spec && !options.claude && !options.vscode)
    return usage_error("nothing to do: give a BINARY, --from-compose, --claude or --vscode");

  std::string spec;
  if (options.from_compose) {
    const Result<ComposeImport> imported =
        import_compose_file(options.compose, options.output, invocation.environment);
    if (!imported.ok()) return usage_error(imported.error().message);
    for (const std::string& key : imported->not_carried_over)
      fmt::print(stderr, "not carried over: {}\n", key);
    spec = imported->spec;
  } else if (wants_spec) {
    const Result<std::string> made = binary_spec(options.binary);
    if (!made.ok()) return usage_error(made.error().message);
    spec = *made;
  }
  const Result<std::vector<Target>> targets = plan(options, spec);
  if (!targets.ok()) return usage_error(targets.error().message);
  const Status written = write_all(*targets, options.force);
  if (!written.ok()) return usage_error(written.error().message);
  if (options.output.empty()) fmt::print("{}", spec);
  return 0;
}

}  // namespace fb::cli
