// Text of the wire, as messages and results show it. ASCII only: what a byte means never depends on
// a locale.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace fb {

// Without the white space (blank, \t \n \v \f \r) at both ends.
std::string_view trim_space(std::string_view text);
std::string lower_ascii(std::string_view text);
std::string upper_ascii(std::string_view text);
// quote() of the first `max_bytes`, and an ellipsis when there are more.
std::string quote_wire(std::string_view bytes, size_t max_bytes = 40);

}  // namespace fb
