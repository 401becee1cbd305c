#include "shiviz/human_text.h"

#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb {

std::string printable(std::string_view text) {
  const std::string valid = sanitise_utf8(text);
  std::string out;
  for (size_t i = 0; i < valid.size(); ++i) {
    const auto byte = static_cast<unsigned char>(valid[i]);
    // U+0080 to U+009F are control characters too: a terminal may take U+009B for an escape.
    if (byte == 0xc2 && static_cast<unsigned char>(valid[i + 1]) < 0xa0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(valid[++i]));
    } else if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += valid[i];
    }
  }
  return out;
}

std::string printable_line(std::string_view text) {
  return printable(escape_newlines(text));
}

std::string paragraph(std::string_view first, std::string_view text, size_t indent) {
  std::string out(first);
  std::string clean = printable(text);
  while (clean.ends_with('\n')) clean.pop_back();
  for (char c : clean) {
    out += c;
    if (c == '\n') out.append(indent, ' ');
  }
  out += '\n';
  return out;
}

std::string padded(std::string_view text, size_t width) {
  const auto characters = static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
  std::string out(text);
  if (characters < width) out.append(width - characters, ' ');
  return out;
}

}  // namespace fb
