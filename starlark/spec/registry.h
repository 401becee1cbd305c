// Every word of a spec and every type of value its words make, in alphabetical order. A new word is
// one row here and one file beside it.
#pragma once
#include "starlark/eval/builtin.h"
#include "starlark/eval/host_object.h"

#include <span>

namespace fb::spec {

// Words that work in this version.
std::span<const starlark::BuiltinDef* const> spec_words();
std::span<const starlark::HostType* const> spec_types();

}  // namespace fb::spec
