// The operators of the language on any two values; what the VM does when its fast paths do not fit,
// and what builtins use: equality, order, hashes, arithmetic, indexes, attributes.
#pragma once
#include "starlark/eval/failure.h"
#include "starlark/eval/host_object.h"
#include "starlark/eval/value.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fb::starlark {

class Thread;
struct BuiltinInfo;

inline constexpr std::string_view kTooDeep = "comparison exceeded maximum recursion depth";

// Starlark ==. Fails on values nested deeper than ten levels.
Fallible<bool> equal(const Value& a, const Value& b);

enum class Comparison : std::uint8_t { kLess, kLessEqual, kGreater, kGreaterEqual };
Fallible<bool> compare(Comparison op, const Value& a, const Value& b);

// The hash of a dict key; fails with "unhashable type: X". Fixed: the same in every process.
Fallible<std::uint32_t> hash(const Value& value);

Outcome binary(Thread& thread, BinaryOp op, const Value& a, const Value& b);
// `a += b`, `a |= b`: lists and dicts change in place, everything else is binary().
Outcome binary_in_place(Thread& thread, BinaryOp op, const Value& a, const Value& b);
enum class UnaryOp : std::uint8_t { kPlus, kMinus, kInvert };
Outcome unary(Thread& thread, UnaryOp op, const Value& a);
Outcome attribute(Thread& thread, const Value& object, Symbol name);
Outcome index(Thread& thread, const Value& object, const Value& key);
// The three stores answer None.
Outcome set_index(Thread& thread, const Value& object, const Value& key, const Value& value);
Outcome set_attribute(Thread& thread, const Value& object, Symbol name, const Value& value);
Outcome slice(Thread& thread, const Value& object, const Value& low, const Value& high,
              const Value& step);
// The method of a built-in type or host type that `object.name` means, or null.
const BuiltinInfo* method(const Value& object, Symbol name);
// What dir() lists.
std::vector<std::string> attribute_names(const Value& object);

// An int of 32 bits: fails with "got X, want int" or "N out of range".
Fallible<std::int64_t> to_int32(const Value& value);
// Bounds of a slice with step 1, None meaning the ends.
Fallible<std::pair<std::int64_t, std::int64_t>> slice_bounds(const Value& low, const Value& high,
                                                             std::int64_t length);
// `text % operand`.
Outcome percent_format(Thread& thread, std::string_view text, const Value& operand);
// Appends what an iterable yields; a list may be extended by itself.
Outcome extend_list(Thread& thread, const Value& list, const Value& iterable);

}  // namespace fb::starlark
