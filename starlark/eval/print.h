// The text of values, see str() and repr() in value.h.
#pragma once
#include <string>
#include <string_view>

namespace fb::starlark {

// "..." with escapes, as repr() shows strings; b"..." for bytes.
void append_quoted(std::string& out, std::string_view text, bool bytes);

}  // namespace fb::starlark
