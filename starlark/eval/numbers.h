// Ints of any size and floats: arithmetic beyond the VM's fast paths, exact comparison, text.
#pragma once
#include "starlark/eval/failure.h"
#include "starlark/eval/heap.h"
#include "starlark/eval/host_object.h"
#include "starlark/eval/value.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fb::starlark {

// a OP b for two ints; fails on division by zero and mad shifts. kDivide gives a float.
Outcome int_binary(Heap& heap, BinaryOp op, const Value& a, const Value& b);
// a OP b for floats and mixtures.
Outcome float_binary(Heap& heap, BinaryOp op, double a, double b);
// The int or float as a double for arithmetic; fails with "int too large to convert to float".
Fallible<double> to_double(const Value& number);
Value int_negate(Heap& heap, const Value& a);
Value int_invert(Heap& heap, const Value& a);

// -1, 0, 1: exact, ints with floats too; NaN is equal to itself and above all else.
int compare_numbers(const Value& a, const Value& b);
int compare_floats(double a, double b);
std::uint32_t hash_number(const Value& number);

// Digits in a base (2..36, lower case). `text` has a sign and digits only.
std::string int_text(const Value& value, int base = 10);
std::optional<Value> parse_int(Heap& heap, std::string_view text, int base);
int int_sign(const Value& value);
// The integral part of a finite float as an int.
Value int_of_double(Heap& heap, double value);

// 1e+06, 123456.7, +inf: as str() shows floats.
std::string float_text(double value);
// %e %f %g (also upper case) of "%".
std::string format_float(double value, char verb);
// A float literal of any case, inf and nan included; nothing if it is none. Too large: infinite.
std::optional<double> parse_float(std::string_view text);

}  // namespace fb::starlark
