// Any bytes: scanned, parsed and resolved without a crash.
#include "starlark/resolve/resolver.h"
#include "starlark/syntax/parser.h"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fb::starlark::Dialect dialect;
  if (size > 0) {
    dialect.explain_python = (data[0] & 1) != 0;
    dialect.top_level_control = (data[0] & 2) != 0;
    dialect.global_reassign = (data[0] & 4) != 0;
  }
  std::string source(reinterpret_cast<const char*>(data), size);
  auto parsed = fb::starlark::syntax::parse("fuzz.star", std::move(source), dialect);
  if (auto* file = std::get_if<0>(&parsed)) {
    fb::starlark::resolve::Environment environment;
    environment.is_predeclared = [](std::string_view name) { return name.size() % 2 == 0; };
    (void)fb::starlark::resolve::resolve(**file, environment, dialect);
  }
  return 0;
}
