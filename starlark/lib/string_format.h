// str.format: {} {0} {name} {x!r}; no format specifications, no attributes.
#pragma once
#include "starlark/eval/builtin.h"

#include <string_view>

namespace fb::starlark::lib {

// The text with its fields replaced by the arguments of the call.
Outcome format_fields(Call& call, std::string_view format);

}  // namespace fb::starlark::lib
