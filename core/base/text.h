// Small pure helpers for text that people read: quoting for messages and for shells, joining, and
// making arbitrary bytes printable on one line and valid UTF-8. Knows no format of ours.
#pragma once
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace fb {

// `"text"` with `"`, `\` and control characters escaped, as messages and Starlark write strings.
// Bytes that are not UTF-8 become \xNN, so the result is valid UTF-8.
std::string quote(std::string_view text);

std::string join(std::span<const std::string> parts, std::string_view separator);
std::string join(std::span<const std::string_view> parts, std::string_view separator);
std::string join(std::initializer_list<std::string_view> parts, std::string_view separator);

// Line ends become the two characters \n (\r): the text fits on one line and loses nothing to see.
std::string escape_newlines(std::string_view text);
// Each line end (\n, \r, \r\n) becomes one space (spec §18.3).
std::string one_line(std::string_view text);

// One word for a POSIX shell: as it is when no character is special, else in single quotes.
std::string shell_quote(std::string_view word);
// The words quoted and separated by spaces: a command line to copy.
std::string shell_command(std::span<const std::string> words);

// Valid UTF-8: every maximal ill-formed part becomes U+FFFD (Unicode 15, §3.9, table 3-8).
std::string sanitise_utf8(std::string_view bytes);
bool is_valid_utf8(std::string_view bytes);
// Length in bytes of the well-formed character `bytes` begins with; 0: ill-formed or empty.
size_t utf8_length(std::string_view bytes);

}  // namespace fb
