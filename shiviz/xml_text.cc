#include "shiviz/xml_text.h"

#include "core/base/text.h"

#include <algorithm>

namespace fb {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// `character` is one well-formed UTF-8 character.
bool is_forbidden(std::string_view character) {
  const auto first = static_cast<unsigned char>(character.front());
  if (character.size() == 1) return first < 0x20 && first != '\t' && first != '\n' && first != '\r';
  return character == "\xef\xbf\xbe" || character == "\xef\xbf\xbf";
}

std::string_view escape_of(char c, bool attribute) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";  // "]]>" may not occur in text
    case '\r':
      return "&#13;";  // a bare one would be read as a newline
    case '"':
      return attribute ? "&quot;" : "";
    case '\n':
      return attribute ? "&#10;" : "";
    case '\t':
      return attribute ? "&#9;" : "";
    default:
      return "";
  }
}

std::string escape(std::string_view bytes, bool attribute) {
  const std::string text = sanitise_utf8(bytes);
  std::string_view rest = text;
  std::string out;
  while (!rest.empty()) {
    const std::string_view character = rest.substr(0, std::max<size_t>(utf8_length(rest), 1));
    rest.remove_prefix(character.size());
    if (is_forbidden(character)) {
      out += kReplacement;
    } else if (const auto escaped = escape_of(character.front(), attribute); !escaped.empty()) {
      out += escaped;
    } else {
      out += character;
    }
  }
  return out;
}

}  // namespace

std::string xml_text(std::string_view bytes) {
  return escape(bytes, false);
}
std::string xml_attribute(std::string_view bytes) {
  return escape(bytes, true);
}

}  // namespace fb
