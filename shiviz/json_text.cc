#include "shiviz/json_text.h"

namespace fb {

void append_json(std::string& out, const Json& value, int depth) {
  const std::string text = value.dump(2, ' ', false, Json::error_handler_t::replace);
  // Line ends inside strings are escaped, so every one here is between elements.
  for (char c : text) {
    out += c;
    if (c == '\n') out.append(2 * static_cast<size_t>(depth), ' ');
  }
}

void JsonObjectText::begin_member(std::string_view key) {
  out_ += empty_ ? "\n" : ",\n";
  empty_ = false;
  indent(depth_ + 1);
  append_json(out_, Json(key), depth_ + 1);
  out_ += ": ";
}

void JsonObjectText::member(std::string_view key, const Json& value) {
  begin_member(key);
  append_json(out_, value, depth_ + 1);
}

void JsonObjectText::close() {
  if (!empty_) {
    out_ += '\n';
    indent(depth_);
  }
  out_ += '}';
}

}  // namespace fb
