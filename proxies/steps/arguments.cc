#include "proxies/steps/arguments.h"

#include "proxies/steps/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>

namespace fb {
namespace {

using Json = nlohmann::ordered_json;

Result<Json> argument(const StepCall& call, std::string_view name) {
  const auto found = call.arguments_json.find(std::string(name));
  if (found == call.arguments_json.end()) {
    return invalid(fmt::format("{}(): {}= is missing", call.method, name));
  }
  Json value = Json::parse(found->second, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) {
    return invalid(fmt::format("{}(): {}= is not valid JSON: {}", call.method, name,
                               quote_wire(found->second)));
  }
  return value;
}

std::optional<std::string> scalar_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean()) return value.dump();
  return std::nullopt;
}

}  // namespace

Result<std::string> string_argument(const StepCall& call, std::string_view name) {
  const Json value = FB_TRY(argument(call, name));
  if (!value.is_string()) {
    return invalid(fmt::format("{}(): {}= must be a str, not {}", call.method, name,
                               quote_wire(value.dump())));
  }
  return value.get<std::string>();
}

Result<int64_t> int_argument(const StepCall& call, std::string_view name) {
  const Json value = FB_TRY(argument(call, name));
  if (!value.is_number_integer()) {
    return invalid(fmt::format("{}(): {}= must be an int, not {}", call.method, name,
                               quote_wire(value.dump())));
  }
  return value.get<int64_t>();
}

Result<std::vector<std::string>> word_list_argument(const StepCall& call, std::string_view name) {
  const Json value = FB_TRY(argument(call, name));
  std::vector<std::string> words;
  for (const Json& entry : value.is_array() ? value : Json::array({value})) {
    std::optional<std::string> word = scalar_text(entry);
    if (!word) {
      return invalid(fmt::format("{}(): {}= has {}, which is not a str", call.method, name,
                                 quote_wire(entry.dump())));
    }
    words.push_back(*std::move(word));
  }
  return words;
}

Result<std::vector<std::pair<std::string, std::string>>> string_map_argument(
    const StepCall& call, std::string_view name) {
  const Json value = FB_TRY(argument(call, name));
  if (!value.is_object()) {
    return invalid(fmt::format("{}(): {}= must be a dict, not {}", call.method, name,
                               quote_wire(value.dump())));
  }
  std::vector<std::pair<std::string, std::string>> result;
  for (const auto& [key, entry] : value.items()) {
    if (std::optional<std::string> text = scalar_text(entry)) {
      result.emplace_back(key, *std::move(text));
    } else {
      return invalid(fmt::format("{}(): {}= has {} for \"{}\", which is not a str", call.method,
                                 name, quote_wire(entry.dump()), key));
    }
  }
  return result;
}

}  // namespace fb
