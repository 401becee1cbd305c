// The method tables of the built-in types; eval/binder.h looks them up through methods_of().
#pragma once
#include "starlark/eval/builtin.h"

#include <span>

namespace fb::starlark::lib {

std::span<const BuiltinDef> string_methods();
std::span<const BuiltinDef> bytes_methods();
std::span<const BuiltinDef> list_methods();
std::span<const BuiltinDef> dict_methods();
std::span<const BuiltinDef> set_methods();

}  // namespace fb::starlark::lib
