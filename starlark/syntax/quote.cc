#include "starlark/syntax/quote.h"

#include "starlark/syntax/unicode.h"

#include <cstdint>
#include <fmt/format.h>

namespace fb::starlark::syntax {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The number in `text`, or nothing when it is not all hex digits.
std::optional<std::uint32_t> parse_hex(std::string_view text) {
  std::uint64_t n = 0;
  for (char c : text) {
    const int d = hex_digit(c);
    if (d < 0) return std::nullopt;
    n = n * 16 + static_cast<std::uint64_t>(d);
  }
  return static_cast<std::uint32_t>(n);
}

// Undoes the escape at the start of `rest` (a backslash and at least one byte), removes it.
Status unescape_one(std::string_view& rest, bool bytes, std::string& out) {
  static constexpr std::string_view kSimple = "abfnrtv\\'\"";
  static constexpr std::string_view kMeaning = "\a\b\f\n\r\t\v\\'\"";
  const char c = rest[1];
  if (const auto at = kSimple.find(c); at != kSimple.npos) {
    out.push_back(kMeaning[at]);
    rest.remove_prefix(2);
    return {};
  }
  if (c == '\n') {  // joins lines
    rest.remove_prefix(2);
    return {};
  }
  if (c == '\r') {
    rest.remove_prefix(rest.size() > 2 && rest[2] == '\n' ? 3 : 2);
    return {};
  }
  if (c >= '0' && c <= '7') {
    unsigned n = 0;
    std::size_t i = 1;
    for (; i < 4 && i < rest.size() && rest[i] >= '0' && rest[i] <= '7'; ++i) {
      n = n * 8 + static_cast<unsigned>(rest[i] - '0');
    }
    if (!bytes && n > 127) {
      return invalid(fmt::format(
          "non-ASCII octal escape \\{:o} (use \\u{:04X} for the UTF-8 encoding of U+{:04X})", n, n,
          n));
    }
    if (n >= 256) return invalid(fmt::format("invalid escape sequence \\{:03o}", n));
    out.push_back(static_cast<char>(n));
    rest.remove_prefix(i);
    return {};
  }
  if (c == 'x' || c == 'u' || c == 'U') {
    const std::size_t size = c == 'x' ? 4 : c == 'u' ? 6 : 10;
    if (rest.size() < size) return invalid(fmt::format("truncated escape sequence {}", rest));
    const std::string_view escape = rest.substr(0, size);
    const auto n = parse_hex(escape.substr(2));
    if (!n) return invalid(fmt::format("invalid escape sequence {}", escape));
    if (c == 'x') {
      if (!bytes && *n > 127) {
        return invalid(fmt::format(
            "non-ASCII hex escape {} (use \\u{:04X} for the UTF-8 encoding of U+{:04X})", escape,
            *n, *n));
      }
      out.push_back(static_cast<char>(*n));
    } else {
      if (*n > 0x10FFFF) {
        return invalid(
            fmt::format("code point out of range: {} (max \\U{:08x})", escape, 0x10FFFF));
      }
      if (*n >= 0xD800 && *n < 0xE000) {
        return invalid(fmt::format("invalid Unicode code point U+{:04X}", *n));
      }
      unicode::append_utf8(out, *n);
    }
    rest.remove_prefix(size);
    return {};
  }
  return invalid(fmt::format("invalid escape sequence {}",
                             rest.substr(0, 1 + unicode::decode(rest.substr(1)).size)));
}

}  // namespace

Result<std::string> unescape(std::string_view inside, bool raw, bool bytes) {
  std::string out;
  out.reserve(inside.size());
  while (!inside.empty()) {
    const std::size_t plain = inside.find_first_of(raw ? std::string_view("\r") : "\\\r");
    out.append(inside.substr(0, plain));
    if (plain == inside.npos) break;
    inside.remove_prefix(plain);
    if (inside[0] == '\r') {  // line ends are \n whatever the file says
      out.push_back('\n');
      inside.remove_prefix(inside.size() > 1 && inside[1] == '\n' ? 2 : 1);
      continue;
    }
    if (inside.size() < 2) return invalid("truncated escape sequence \\");
    FB_TRY(unescape_one(inside, bytes, out));
  }
  return out;
}

}  // namespace fb::starlark::syntax
