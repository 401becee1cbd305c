// Laying JSON text out in lines.
#pragma once
#include <string>
#include <string_view>

namespace fb::starlark::lib {

// A valid JSON text with a line per element, each begun by `prefix` and `indent` per level.
std::string json_indent(std::string_view text, std::string_view prefix, std::string_view indent);

}  // namespace fb::starlark::lib
