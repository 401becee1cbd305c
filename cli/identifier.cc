#include "cli/identifier.h"

#include "starlark/lib/universe.h"
#include "starlark/spec/registry.h"
#include "starlark/spec/unavailable.h"
#include "starlark/syntax/parser.h"

#include <algorithm>
#include <memory>
#include <span>
#include <variant>

namespace fb::cli {
namespace {

bool has(std::span<const starlark::BuiltinDef* const> words, std::string_view name) {
  return std::any_of(words.begin(), words.end(),
                     [&](const starlark::BuiltinDef* word) { return word->name == name; });
}

// Whether the language lets a file bind the name.
bool bindable(const std::string& name) {
  const auto parsed = starlark::syntax::parse("", name + " = 0\n", starlark::Dialect::spec());
  return std::holds_alternative<std::unique_ptr<starlark::syntax::File>>(parsed);
}

}  // namespace

std::string identifier(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!fits) c = '_';
  }
  const bool constant = out == "None" || out == "True" || out == "False";
  const bool taken = constant || !bindable(out) || has(spec::spec_words(), out) ||
                     has(spec::unavailable_words(), out) ||
                     has(starlark::lib::universe_builtins(), out);
  return taken ? "svc_" + out : out;
}

}  // namespace fb::cli
