// The operators of the language on any two values; what the VM does when its fast paths do not fit,
// and what builtins use: equality, order, hashes, arithmetic, indexes, attributes.
#pragma once
#include "starlark/eval/failure.h"
#include "starlark/eval/host_object.h"
#include "starlark/eval/value.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace fb::starlark {

class Thread;

// Starlark ==. Fails on values nested deeper than ten levels.
Fallible<bool> equal(const Value& a, const Value& b);

enum class Comparison : std::uint8_t { kLess, kLessEqual, kGreater, kGreaterEqual };
Fallible<bool> compare(Comparison op, const Value& a, const Value& b);

// The hash of a dict key; fails with "unhashable type: X". Fixed: the same in every process.
Fallible<std::uint32_t> hash(const Value& value);

Outcome binary(Thread& thread, BinaryOp op, const Value& a, const Value& b);
Outcome attribute(Thread& thread, const Value& object, Symbol name);
Outcome index(Thread& thread, const Value& object, const Value& key);

// Every item of an iterable, in order; fails with "X value is not iterable".
Fallible<std::vector<Value>> items_of(Thread& thread, const Value& iterable);

}  // namespace fb::starlark
