#include "proxies/steps/arguments.h"

#include "proxies/steps/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

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

}  // namespace

Result<std::string> string_argument(const StepCall& call, std::string_view name) {
  const Json value = FB_TRY(argument(call, name));
  if (!value.is_string()) {
    return invalid(fmt::format("{}(): {}= must be a str, not {}", call.method, name,
                               quote_wire(value.dump())));
  }
  return value.get<std::string>();
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
    if (entry.is_string()) {
      result.emplace_back(key, entry.get<std::string>());
    } else if (entry.is_number() || entry.is_boolean()) {
      result.emplace_back(key, entry.dump());
    } else {
      return invalid(fmt::format("{}(): {}= has {} for \"{}\", which is not a str", call.method,
                                 name, quote_wire(entry.dump()), key));
    }
  }
  return result;
}

}  // namespace fb
