// String literals to their values.
#pragma once
#include "core/base/result.h"

#include <string>
#include <string_view>

namespace fb::starlark::syntax {

// The value of the text between the quotes; escapes are undone unless it is raw. The error's
// message has no position.
Result<std::string> unescape(std::string_view inside, bool raw, bool bytes);

}  // namespace fb::starlark::syntax
