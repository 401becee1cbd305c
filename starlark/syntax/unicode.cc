#include "starlark/syntax/unicode.h"

#include <algorithm>

namespace fb::starlark::unicode {

Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::uint32_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
  char32_t c = lead & (0x7F >> size);
  for (std::uint32_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    c = (c << 6) | (byte(i) & 0x3F);
  }
  const bool overlong = (size == 3 && c < 0x800) || (size == 4 && c < 0x10000);
  if (overlong || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return {};
  return {c, size, true};
}

void append_utf8(std::string& out, char32_t c) {
  if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) c = kReplacement;
  const auto put = [&](char32_t b) { out.push_back(static_cast<char>(b)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

bool is_valid(std::string_view text) {
  while (!text.empty()) {
    const Decoded d = decode(text);
    if (!d.valid) return false;
    text.remove_prefix(d.size);
  }
  return true;
}

std::size_t count_code_points(std::string_view text) {
  std::size_t n = 0;
  while (!text.empty()) {
    text.remove_prefix(decode(text).size);
    ++n;
  }
  return n;
}

namespace {

bool contains(std::span<const Range> ranges, char32_t c) {
  const auto at = std::upper_bound(ranges.begin(), ranges.end(), c,
                                   [](char32_t x, const Range& range) { return x < range.low; });
  return at != ranges.begin() && c <= std::prev(at)->high;
}

// Two neighbouring ranges may interleave (every second code point), so the one before is tried too.
char32_t map(std::span<const CaseRange> ranges, char32_t c) {
  auto at = std::upper_bound(ranges.begin(), ranges.end(), c,
                             [](char32_t x, const CaseRange& range) { return x < range.low; });
  for (int i = 0; i < 2 && at != ranges.begin(); ++i) {
    --at;
    if (c <= at->high && (c - at->low) % static_cast<char32_t>(at->stride) == 0) {
      return static_cast<char32_t>(static_cast<std::int32_t>(c) + at->delta);
    }
  }
  return c;
}

}  // namespace

bool is_letter(char32_t c) {
  if (c < 0x80) return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
  return contains(kLetter, c);
}
bool is_upper(char32_t c) {
  return c < 0x80 ? c >= 'A' && c <= 'Z' : contains(kUpper, c);
}
bool is_lower(char32_t c) {
  return c < 0x80 ? c >= 'a' && c <= 'z' : contains(kLower, c);
}
bool is_title(char32_t c) {
  return c >= 0x80 && contains(kTitle, c);
}
bool is_digit(char32_t c) {
  return c < 0x80 ? c >= '0' && c <= '9' : contains(kDigit, c);
}
bool is_space(char32_t c) {
  return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}
bool is_print(char32_t c) {
  return c < 0x7F ? c >= ' ' : contains(kPrint, c);
}
char32_t to_upper(char32_t c) {
  if (c < 0x80) return c >= 'a' && c <= 'z' ? c - 32 : c;
  return map(kToUpper, c);
}
char32_t to_lower(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  return map(kToLower, c);
}
char32_t to_title(char32_t c) {
  if (c < 0x80) return to_upper(c);
  return map(kToTitle, c);
}

}  // namespace fb::starlark::unicode
