#include "cli/init/json_merge.h"

#include <fmt/format.h>

namespace fb::cli {

Result<OrderedJson> json_to_merge(const std::string& path, const std::optional<std::string>& text) {
  if (!text) return OrderedJson::object();
  OrderedJson value = OrderedJson::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (value.is_object()) return value;
  const bool commented =
      OrderedJson::parse(*text, nullptr, /*allow_exceptions=*/false, /*ignore_comments=*/true)
          .is_object();
  return invalid(fmt::format("{}: {}", path,
                             commented ? "has comments, which merging would lose; add the keys by "
                                         "hand or take the comments out"
                                       : "is not a JSON object"));
}

void add_missing(OrderedJson& object, const OrderedJson& additions) {
  for (const auto& [key, value] : additions.items()) {
    if (!object.contains(key))
      object[key] = value;
    else if (object[key].is_object() && value.is_object())
      add_missing(object[key], value);
  }
}

std::string json_text(const OrderedJson& value) {
  return value.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace fb::cli
