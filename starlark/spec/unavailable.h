// Words of spec §2 whose machinery this version lacks. They are known names whose call is an error
// that says so: a spec that uses them loads and is checked, and nothing it says is silently inert.
#pragma once
#include "starlark/eval/builtin.h"
#include "starlark/eval/failure.h"

#include <span>
#include <string_view>

namespace fb::spec {

// "WHAT is not available yet in this version".
starlark::Raised not_available(std::string_view what);

// Their rows, in alphabetical order.
std::span<const starlark::BuiltinDef* const> unavailable_words();

}  // namespace fb::spec
