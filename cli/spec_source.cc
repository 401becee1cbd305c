#include "cli/spec_source.h"

#include "cli/disk_files.h"
#include "core/base/text.h"
#include "interpose/seccomp/filter.h"
#include "proxies/catalog.h"
#include "starlark/spec/spec.h"

#include <fmt/format.h>

namespace fb::cli {

Result<std::vector<std::string>> SpecSource::test_names() {
  DiskFiles files;
  Catalog catalog([] { return Instant{}; });  // loading makes no step
  spec::SpecCache cache;
  spec::Spec::Loaded loaded = spec::Spec::load(
      {.path = path_,
       .files = files,
       .clients = catalog,
       .cache = cache,
       .syscall_exists = [](SyscallId call) { return number_of_syscall(call).has_value(); },
       .print = print_});
  if (loaded.failure) {
    failure_ = std::move(*loaded.failure);
    if (!loaded.report.empty()) failure_.message = loaded.report;
    return invalid(failure_.message);
  }
  std::vector<std::string> names;
  for (const spec::TestInfo& test : loaded.spec->tests()) names.push_back(test.name);
  functions_ = loaded.spec->function_names();
  secrets_ = secrets_of(*loaded.spec);
  return names;
}

Diagnostic SpecSource::no_tests() const {
  Diagnostic diagnostic{.code = "NO_TESTS_DISCOVERED",
                        .message = fmt::format("{} has no tests: no function is called test_…, and "
                                               "there is no scenario()",
                                               path_)};
  diagnostic.suggestion = functions_.empty() ? "write one: def test_something(): …"
                                             : "its functions are: " + join(functions_, ", ");
  return diagnostic;
}

}  // namespace fb::cli
