// Adds keys to JSON files that people own: nothing they wrote is changed or dropped.
#pragma once
#include "core/base/result.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace fb::cli {

using OrderedJson = nlohmann::ordered_json;

// The object in the file; empty when there is no file. Error: it is not a JSON object; comments are
// an error too, for writing it back would lose them.
Result<OrderedJson> json_to_merge(const std::string& path, const std::optional<std::string>& text);

// Adds `key` with `value` where it is absent; nested objects are merged the same way.
void add_missing(OrderedJson& object, const OrderedJson& additions);

// As files of this kind are usually written.
std::string json_text(const OrderedJson& value);

}  // namespace fb::cli
