// JSON text to Starlark values and back, as steps need it: response bodies in, step arguments out.
#pragma once
#include "starlark/eval/failure.h"
#include "starlark/eval/heap.h"
#include "starlark/eval/value.h"

#include <optional>
#include <string>
#include <string_view>

namespace fb::spec {

// Integral numbers become ints, objects keep their order. Empty: not JSON, or nested deeper than
// 200 levels.
std::optional<starlark::Value> value_from_json(starlark::Heap& heap, std::string_view text);

// Strings, numbers, bools, None, lists, tuples and dicts with string keys; anything else fails with
// `cannot send a TYPE`.
starlark::Fallible<std::string> json_from_value(const starlark::Value& value);

// `text` as a JSON string.
std::string json_string(std::string_view text);

}  // namespace fb::spec
