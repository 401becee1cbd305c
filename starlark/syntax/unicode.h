// The little of Unicode the language needs: UTF-8, classes of code points, simple case mapping. The
// tables are made by unicode_tables.py; there is no locale anywhere.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace fb::starlark::unicode {

inline constexpr char32_t kReplacement = 0xFFFD;

struct Decoded {
  char32_t code_point = kReplacement;
  std::uint32_t size = 1;  // bytes; an invalid byte is U+FFFD of size 1
  bool valid = false;
};
// The first code point of a non-empty text.
Decoded decode(std::string_view text);
// Appends the UTF-8 form; surrogates and what lies beyond U+10FFFF become U+FFFD.
void append_utf8(std::string& out, char32_t code_point);
bool is_valid(std::string_view text);
std::size_t count_code_points(std::string_view text);

struct Range {
  char32_t low, high;
};
struct CaseRange {
  char32_t low, high;
  std::int32_t stride, delta;
};
extern const std::span<const Range> kLetter, kUpper, kLower, kTitle, kDigit, kPrint;
extern const std::span<const CaseRange> kToUpper, kToLower, kToTitle;

bool is_letter(char32_t c);
bool is_upper(char32_t c);
bool is_lower(char32_t c);
bool is_title(char32_t c);
bool is_digit(char32_t c);
bool is_space(char32_t c);
bool is_print(char32_t c);
char32_t to_upper(char32_t c);
char32_t to_lower(char32_t c);
char32_t to_title(char32_t c);

}  // namespace fb::starlark::unicode
