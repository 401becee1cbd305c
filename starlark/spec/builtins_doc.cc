#include "starlark/spec/builtins_doc.h"

#include "starlark/lib/document.h"
#include "starlark/spec/registry.h"
#include "starlark/spec/unavailable.h"

#include <string>

namespace fb::spec {

std::string builtins_document() {
  std::string out =
      "# Words of a spec\n\n"
      "Made from the tables in `starlark/spec`; do not edit. What each word means in full is said "
      "in the specification.\n\n";
  out += starlark::lib::render_markdown(spec_words(), spec_types());
  out += "\n## Not available yet\n\nThese names are known and calling them is an error:";
  for (const auto* word : unavailable_words()) out += " `" + std::string(word->name) + "`";
  return out + ".\n";
}

}  // namespace fb::spec
