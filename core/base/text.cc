#include "core/base/text.h"

#include <algorithm>
#include <cstdint>

namespace fb {

namespace {

template <class Parts>
std::string join_parts(const Parts& parts, std::string_view separator) {
  std::string out;
  bool first = true;
  for (const auto& part : parts) {
    if (!first) out += separator;
    first = false;
    out += part;
  }
  return out;
}

struct Prefix {
  size_t length = 0;      // bytes of the longest beginning that could start a character, at least 1
  bool complete = false;  // that beginning is a whole character
};

// Table 3-7 of Unicode 15: the second byte's range depends on the first, to shut out overlong
// forms, surrogates and what lies beyond U+10FFFF.
Prefix scan_character(std::string_view bytes) {
  const auto at = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  const uint8_t lead = at(0);
  if (lead < 0x80) return {1, true};
  size_t length = 0;
  uint8_t low = 0x80;
  uint8_t high = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) {
    length = 2;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    length = 3;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    length = 4;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
  } else {
    return {1, false};
  }
  size_t i = 1;
  for (; i < length && i < bytes.size(); ++i) {
    if (at(i) < low || at(i) > high) break;
    low = 0x80;
    high = 0xbf;
  }
  return {i, i == length};
}

void append_hex_escape(std::string& out, char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<uint8_t>(c);
  out += "\\x";
  out += kDigits[byte >> 4];
  out += kDigits[byte & 15];
}

bool shell_safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-./:=@%+,").find(c) != std::string_view::npos;
}

}  // namespace

std::string quote(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const Prefix next = scan_character(text);
    const char c = text.front();
    if (!next.complete) {
      for (char byte : text.substr(0, next.length)) append_hex_escape(out, byte);
    } else if (next.length > 1) {
      out += text.substr(0, next.length);
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f) {
      append_hex_escape(out, c);
    } else {
      out += c;
    }
    text.remove_prefix(next.length);
  }
  return out + '"';
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  return join_parts(parts, separator);
}
std::string join(std::span<const std::string_view> parts, std::string_view separator) {
  return join_parts(parts, separator);
}
std::string join(std::initializer_list<std::string_view> parts, std::string_view separator) {
  return join_parts(parts, separator);
}

std::string escape_newlines(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else {
      out += c;
    }
  }
  return out;
}

std::string one_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out += text[i] == '\n' || text[i] == '\r' ? ' ' : text[i];
  }
  return out;
}

std::string shell_quote(std::string_view word) {
  if (!word.empty() && std::ranges::all_of(word, shell_safe)) return std::string(word);
  std::string out = "'";
  for (char c : word) {
    // A single quote cannot stand inside single quotes: close, write it, open again.
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + '\'';
}

std::string shell_command(std::span<const std::string> words) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += ' ';
    out += shell_quote(word);
  }
  return out;
}

std::string sanitise_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const Prefix next = scan_character(bytes);
    if (next.complete) {
      out += bytes.substr(0, next.length);
    } else {
      out += "\ufffd";
    }
    bytes.remove_prefix(next.length);
  }
  return out;
}

bool is_valid_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const Prefix next = scan_character(bytes);
    if (!next.complete) return false;
    bytes.remove_prefix(next.length);
  }
  return true;
}

size_t utf8_length(std::string_view bytes) {
  if (bytes.empty()) return 0;
  const Prefix next = scan_character(bytes);
  return next.complete ? next.length : 0;
}

}  // namespace fb
