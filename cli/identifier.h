// Names of the outside world as Starlark identifiers.
#pragma once
#include <string>
#include <string_view>

namespace fb::cli {

// Every other character becomes `_`. What cannot be a variable of a spec (a leading digit, a
// reserved word, a builtin's name, nothing at all) gets the prefix `svc_`.
std::string identifier(std::string_view name);

}  // namespace fb::cli
