// The character classes of HTTP (RFC 9110 §5.6.2, §5.5) and of request targets.
#pragma once
#include "core/base/result.h"

#include <string>
#include <string_view>

namespace fb {

// A method or header name.
bool is_token(std::string_view text);
// Anything but control characters; a tab is none. In particular no line break.
bool is_field_value(std::string_view text);
// A request target as a user or a Location header writes it, made fit for the request line: blanks,
// non-ASCII and what RFC 3986 keeps out of URLs is percent-encoded, a #fragment is left out, ""
// becomes "/", "?q" becomes "/?q". Control characters, or another first character, are errors.
Result<std::string> request_target(std::string_view text);

}  // namespace fb
