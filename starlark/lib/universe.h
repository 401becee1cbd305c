// The universe: the names every Starlark file knows (None, len, range, sorted, ...).
#pragma once
#include "starlark/eval/builtin.h"
#include "starlark/eval/interpreter.h"

#include <cstdint>
#include <optional>
#include <span>

namespace fb::starlark::lib {

// Predeclares the universe as the dialect wants it, and `struct`.
void install_universe(Interpreter& interpreter);

// The rows of the universe's functions, in alphabetical order.
std::span<const BuiltinDef* const> universe_builtins();

// len() of a value, if it has one.
std::optional<std::int64_t> length_of(const Value& value);
// What dict() and dict.update() do: entries from a dict or pairs (may be absent), then the call's
// keywords.
Outcome update_dict(Call& call, Dict& dict, const Value& pairs);

// The modules json and math as values.
Value json_module(Heap& heap);
Value math_module(Heap& heap);

}  // namespace fb::starlark::lib
