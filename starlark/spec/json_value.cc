#include "starlark/spec/json_value.h"

#include "starlark/eval/containers.h"
#include "starlark/eval/host_object.h"

#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <vector>

namespace fb::spec {
namespace {

using starlark::Fallible;
using starlark::Heap;
using starlark::Raised;
using starlark::Value;
using Json = nlohmann::ordered_json;
constexpr int kDepthMax = 200;

// Fails only on depth: fibers have small stacks.
bool convert(Heap& heap, const Json& json, int depth, Value& out) {
  if (depth > kDepthMax) return false;
  if (json.is_null()) {
    out = Value::none();
  } else if (json.is_boolean()) {
    out = Value::boolean(json.get<bool>());
  } else if (json.is_number_unsigned() && json.get<uint64_t>() > uint64_t{INT64_MAX}) {
    out = heap.number(json.get<double>());
  } else if (json.is_number_integer()) {
    out = heap.integer(json.get<int64_t>());
  } else if (json.is_number()) {
    const double number = json.get<double>();
    out = std::trunc(number) == number && std::abs(number) < 0x1p63
              ? heap.integer(static_cast<int64_t>(number))
              : heap.number(number);
  } else if (json.is_string()) {
    out = heap.string(json.get_ref<const std::string&>());
  } else if (json.is_array()) {
    out = heap.list();
    auto* list = out.as<starlark::List>();
    list->reserve(json.size());
    for (const Json& item : json) {
      Value value;
      if (!convert(heap, item, depth + 1, value)) return false;
      list->append(std::move(value));
    }
  } else {
    out = heap.dict();
    auto* dict = out.as<starlark::Dict>();
    for (const auto& [key, item] : json.items()) {
      Value value;
      if (!convert(heap, item, depth + 1, value)) return false;
      dict->set(key, std::move(value));
    }
  }
  return true;
}

std::optional<Raised> write(const Value& value, int depth, std::string& out) {
  if (depth > kDepthMax) return Raised("value is nested too deep to be sent");
  if (value.is_none()) {
    out += "null";
  } else if (value.is_bool()) {
    out += value.as_bool() ? "true" : "false";
  } else if (value.is_int()) {
    out += starlark::str(value);
  } else if (value.is_float()) {
    out += Json(value.as_double().value_or(0)).dump();
  } else if (value.is_string()) {
    out += json_string(value.as_string());
  } else if (const auto* dict = value.as<starlark::Dict>()) {
    out += '{';
    bool first = true;
    for (const auto& entry : dict->table.entries()) {
      if (entry.key.absent()) continue;
      if (!entry.key.is_string()) {
        return Raised(
            fmt::format("keys of a dict that is sent are strings, got {}", entry.key.type_name()));
      }
      if (!first) out += ',';
      first = false;
      out += json_string(entry.key.as_string()) + ':';
      if (auto failure = write(entry.value, depth + 1, out)) return failure;
    }
    out += '}';
  } else {
    std::span<const Value> items;
    if (const auto* list = value.as<starlark::List>()) {
      items = list->items();
    } else if (const auto* tuple = value.as<starlark::Tuple>()) {
      items = tuple->items();
    } else {
      return Raised(fmt::format("cannot send a {}", value.type_name()));
    }
    out += '[';
    for (size_t i = 0; i < items.size(); ++i) {
      if (i != 0) out += ',';
      if (auto failure = write(items[i], depth + 1, out)) return failure;
    }
    out += ']';
  }
  return std::nullopt;
}

}  // namespace

std::optional<Value> value_from_json(Heap& heap, std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return std::nullopt;
  Value value;
  if (!convert(heap, json, 0, value)) return std::nullopt;
  return value;
}

Fallible<std::string> json_from_value(const Value& value) {
  std::string out;
  if (auto failure = write(value, 0, out)) return std::move(*failure);
  return out;
}

std::string json_string(std::string_view text) {
  return Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace fb::spec
