#include "cli/generate/plan.h"

#include "cli/disk_files.h"
#include "core/base/suggest.h"
#include "core/base/text.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace fb::cli {
namespace {

Status check_name(std::string_view kind, const std::string& name,
                  const std::vector<std::string>& known) {
  if (name.empty() || std::find(known.begin(), known.end(), name) != known.end()) return {};
  return invalid(fmt::format("unknown {} {}{}", kind, quote(name), did_you_mean(name, known)));
}

std::string without_prefix(const std::string& scenario) {
  return scenario.starts_with("test_") ? scenario.substr(5) : scenario;
}

}  // namespace

Result<std::vector<Mutation>> chosen_mutations(const SpecOutline& outline,
                                               const GenerateFilter& filter) {
  if (outline.scenarios.empty()) {
    return invalid(
        fmt::format("{} has no scenario; register the function of a happy path: "
                    "scenario(my_function)",
                    outline.spec));
  }
  const std::string scenario = without_prefix(filter.scenario);
  FB_TRY(check_name("scenario", scenario, outline.scenarios));
  FB_TRY(check_name("service", filter.service, outline.service_names()));
  FB_TRY(check_name("category", filter.category, {"all", "disk", "network"}));

  std::vector<Mutation> mutations = mutations_of(outline.topology, outline.scenarios);
  std::erase_if(mutations, [&](const Mutation& m) {
    const bool disk = category_of(m.mode) == Category::kDisk;
    if (!scenario.empty() && m.scenario != scenario) return true;
    if (filter.category != "all" && disk != (filter.category == "disk")) return true;
    if (filter.service.empty()) return false;
    const ServiceId service = *outline.topology.find(filter.service);
    const bool side = m.mode == Mode::kPartition && (m.from == service || m.to == service);
    return !side && m.faulted() != service;
  });
  if (mutations.empty()) {
    return invalid(edges_of(outline.topology).empty()
                       ? "nothing to generate: no service depends on another (depends_on=, or an "
                         "environment value that holds another's address)"
                       : "nothing to generate: no mutation is left after filtering");
  }
  return mutations;
}

Result<std::vector<PlannedFile>> plan_files(const SpecOutline& outline,
                                            const std::vector<Mutation>& mutations,
                                            const std::string& output, std::string_view date) {
  std::vector<std::string> scenarios;
  for (const Mutation& m : mutations) {
    if (std::find(scenarios.begin(), scenarios.end(), m.scenario) == scenarios.end())
      scenarios.push_back(m.scenario);
  }
  DiskFiles files;
  std::vector<PlannedFile> planned;
  const auto plan = [&](std::string path, const std::vector<Mutation>& part) -> Status {
    FB_TRY(check_writable_target(path));
    const std::filesystem::path parent = std::filesystem::path(path).parent_path();
    const std::string directory =
        FB_TRY(files.canonical(parent.empty() ? std::string(".") : parent.string()));
    planned.push_back({std::move(path), faults_file(outline, part, directory, date)});
    return {};
  };
  if (!output.empty()) {
    FB_TRY(plan(output, mutations));
    return planned;
  }
  for (const std::string& scenario : scenarios) {
    std::vector<Mutation> part;
    std::copy_if(mutations.begin(), mutations.end(), std::back_inserter(part),
                 [&](const Mutation& m) { return m.scenario == scenario; });
    FB_TRY(plan(scenario + ".faults.star", part));
  }
  return planned;
}

}  // namespace fb::cli
