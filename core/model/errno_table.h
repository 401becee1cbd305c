// The errno names of Linux (generic numbering, aliases included) and the texts of the C library.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fb {

// Any name of the Linux table, any case, aliases included ("EWOULDBLOCK"). Empty: unknown.
std::optional<int> errno_number(std::string_view name);
// The canonical name, "EIO". Unknown numbers give "E" + number.
std::string errno_name(int number);
// The C library's message with its first letter lower-cased when the second is ("input/output
// error").
std::string errno_text(int number);
std::vector<std::string_view> errno_names();  // sorted, for suggestions

}  // namespace fb
