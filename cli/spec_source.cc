#include "cli/spec_source.h"

#include "cli/spec_reader.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace fb::cli {

Result<std::vector<std::string>> SpecSource::test_names() {
  SpecReader reader;
  spec::Spec::Loaded loaded = reader.load(path_, print_);
  if (loaded.failure) {
    failure_ = std::move(*loaded.failure);
    if (!loaded.report.empty()) failure_.message = loaded.report;
    return invalid(failure_.message);
  }
  std::vector<std::string> names;
  for (const spec::TestInfo& test : loaded.spec->tests()) names.push_back(test.name);
  functions_ = loaded.spec->function_names();
  secrets_ = secrets_of(*loaded.spec);
  host_network_ = loaded.spec->defaults().host_network;
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
