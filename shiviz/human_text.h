// Text of services made fit for a terminal and for the indented lines of a report.
#pragma once
#include <string>
#include <string_view>

namespace fb {

// Valid UTF-8; control characters but line ends and tabs become \xNN.
std::string printable(std::string_view text);
// The same on one line: line ends become the two characters \n.
std::string printable_line(std::string_view text);
// `FIRST` + text + newline; further lines of the text are indented by `indent` spaces.
std::string paragraph(std::string_view first, std::string_view text, size_t indent);
// Pads with spaces to `width` characters (code points).
std::string padded(std::string_view text, size_t width);

}  // namespace fb
