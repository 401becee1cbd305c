#include "cli/generate/spec_outline.h"

#include "cli/spec_reader.h"

namespace fb::cli {
namespace {

constexpr std::string_view kTestPrefix = "test_";

// Starlark's load() refuses names that begin with an underscore.
bool loadable(const spec::Binding& binding) {
  return !binding.variable.starts_with('_');
}

}  // namespace

Result<SpecOutline> outline_spec(const std::string& path) {
  SpecReader reader;
  DiskFiles& files = reader.files();
  const spec::Spec::Loaded loaded = reader.load(path);
  if (loaded.failure) return invalid(loaded.report);
  const spec::Spec& spec = *loaded.spec;

  SpecOutline outline{
      .spec = path, .spec_file = FB_TRY(files.canonical(path)), .topology = spec.topology()};
  for (const spec::TestInfo& test : spec.tests()) {
    if (test.scenario) outline.scenarios.push_back(test.name.substr(kTestPrefix.size()));
  }
  for (const spec::Binding& binding : spec.bindings()) {
    if (!loadable(binding)) continue;
    const Loadable found{binding.variable, FB_TRY(files.canonical(binding.file))};
    if (binding.service) outline.services.emplace(binding.service->value, found);
    if (!binding.scenario.empty())
      outline.functions.emplace(binding.scenario.substr(kTestPrefix.size()), found);
  }
  return outline;
}

}  // namespace fb::cli
