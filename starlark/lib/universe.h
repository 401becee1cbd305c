// The universe: the names every Starlark file knows (None, len, range, sorted, ...).
#pragma once
#include "starlark/eval/builtin.h"
#include "starlark/eval/interpreter.h"

#include <span>

namespace fb::starlark::lib {

// Predeclares the universe as the dialect wants it, and `struct`.
void install_universe(Interpreter& interpreter);

// The rows of the universe's functions, in alphabetical order.
std::span<const BuiltinDef* const> universe_builtins();

// The modules json and math as values.
Value json_module(Heap& heap);
Value math_module(Heap& heap);

}  // namespace fb::starlark::lib
