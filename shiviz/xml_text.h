// Any bytes as XML 1.0 character data. What is not UTF-8 and what XML forbids (control characters,
// surrogates, U+FFFE and U+FFFF) becomes U+FFFD, so the document is always well-formed.
#pragma once
#include <string>
#include <string_view>

namespace fb {

std::string xml_text(std::string_view bytes);
// For use between double quotes; line ends and tabs survive attribute normalisation.
std::string xml_attribute(std::string_view bytes);

}  // namespace fb
