// faultbox generate FILE.star: writes failure tests from scenario() functions (cli.md §5).
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/disk_files.h"
#include "cli/generate/plan.h"
#include "cli/today.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fb::cli {
namespace {

// "SCENARIO × TARGET: N mutations" in order of first appearance, then the total.
void print_plan(const SpecOutline& outline, const std::vector<Mutation>& mutations) {
  std::vector<std::pair<std::string, size_t>> counts;
  for (const Mutation& m : mutations) {
    const std::string key = fmt::format("{} × {}", m.scenario, target_of(m, outline.topology));
    auto known = std::find_if(counts.begin(), counts.end(),
                              [&](const auto& entry) { return entry.first == key; });
    if (known == counts.end()) known = counts.insert(counts.end(), {key, 0});
    ++known->second;
  }
  for (const auto& [key, count] : counts) fmt::print(stderr, "{}: {} mutations\n", key, count);
  fmt::print(stderr, "Total: {} mutations\n", mutations.size());
}

enum class State { kNew, kUnchanged, kDifferent };

State state_of(const PlannedFile& file) {
  const Result<std::string> existing = read_file(file.path);
  if (!existing.ok() && existing.error().code == Code::kNotFound) return State::kNew;
  return existing.ok() && same_but_for_date(*existing, file.content.text) ? State::kUnchanged
                                                                          : State::kDifferent;
}

int write_files(const std::vector<PlannedFile>& files, bool force) {
  for (const PlannedFile& file : files) {
    if (file.content.mutations == 0)
      return usage_error(fmt::format("nothing to generate for {}: {}", file.path,
                                     fmt::join(file.content.skipped, "; ")));
    if (!force && state_of(file) == State::kDifferent)
      return usage_error(fmt::format("{} exists and is different; --force replaces it", file.path));
  }
  for (const PlannedFile& file : files) {
    for (const std::string& reason : file.content.skipped)
      fmt::print(stderr, "skipped {}\n", reason);
    if (state_of(file) == State::kUnchanged) {
      fmt::print(stderr, "unchanged {}\n", file.path);
      continue;
    }
    const Status written = write_file(file.path, file.content.text);
    if (!written.ok()) return usage_error(written.error().message);
    fmt::print(stderr, "wrote {} ({} mutations)\n", file.path, file.content.mutations);
  }
  return 0;
}

}  // namespace

int generate_command(const Invocation& invocation) {
  std::string spec, output;
  GenerateFilter filter;
  bool dry_run = false, force = false;
  CLI::App app("Writes failure tests from scenario() functions.", "faultbox generate");
  app.add_option("FILE", spec, "the spec")->required();
  app.add_option("--output", output, "one file for all scenarios");
  app.add_option("--scenario", filter.scenario, "only this scenario");
  app.add_option("--service", filter.service,
                 "only where this service is faulted or a side of a partition");
  app.add_option("--category", filter.category, "network, disk or all")->capture_default_str();
  app.add_flag("--dry-run", dry_run, "say what would be generated");
  app.add_flag("--force", force, "replace existing files");
  if (const std::optional<int> exit = parse(app, invocation.arguments)) return *exit;

  const Result<SpecOutline> outline = outline_spec(spec);
  if (!outline.ok()) {
    fmt::print(stderr, "{}\n", outline.error().message);
    return 1;
  }
  const Result<std::vector<Mutation>> mutations = chosen_mutations(*outline, filter);
  if (!mutations.ok()) return usage_error(mutations.error().message);
  if (dry_run) {
    print_plan(*outline, *mutations);
    return 0;
  }
  const auto files = plan_files(*outline, *mutations, output, today());
  if (!files.ok()) return usage_error(files.error().message);
  return write_files(*files, force);
}

}  // namespace fb::cli
