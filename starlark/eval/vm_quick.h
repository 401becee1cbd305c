// The fast paths of the instruction loop: answers without a call for the values that are common.
// Private to eval/.
#pragma once
#include "starlark/eval/text.h"
#include "starlark/eval/value.h"

#include <cstdint>

namespace fb::starlark {

inline bool both_small(const Value& a, const Value& b) {
  return (a.bits() & b.bits() & 1) != 0;
}

inline const String* string_of(const Value& v) {
  return v.is_string() ? static_cast<const String*>(v.object()) : nullptr;
}

// == without a call for what is common; -1: ask equal().
inline int quick_equal(const Value& a, const Value& b) {
  if (both_small(a, b)) return a.bits() == b.bits();
  const String* x = string_of(a);
  if (x != nullptr) {
    const String* y = string_of(b);
    if (y == nullptr) return b.is_object(Kind::kHost) ? -1 : 0;
    if (x == y) return 1;
    if (x->interned() && y->interned()) return 0;
    return x->view() == y->view();
  }
  if ((a.bits() & 7) == 2 && (b.bits() & 7) == 2) return a.bits() == b.bits();
  return -1;
}

inline bool quick_truth(const Value& v) {
  if (v.is_bool()) return v.as_bool();
  if (v.is_small()) return v.as_small() != 0;
  return v.truth();
}

// a + b and a - b of small ints, as the words of Values; false: not small, or the result is not.
// 2a + 1 + 2b = 2(a + b) + 1, and 64 bits overflow exactly when 63 would.
inline bool quick_add(const Value& a, const Value& b, std::int64_t& word) {
  return both_small(a, b) &&
         !__builtin_add_overflow(static_cast<std::int64_t>(a.bits()),
                                 static_cast<std::int64_t>(b.bits() - 1), &word);
}
inline bool quick_subtract(const Value& a, const Value& b, std::int64_t& word) {
  return both_small(a, b) &&
         !__builtin_sub_overflow(static_cast<std::int64_t>(a.bits()),
                                 static_cast<std::int64_t>(b.bits() - 1), &word);
}

}  // namespace fb::starlark
