// Is a text a well-formed XML 1.0 document, as far as our writers go: declaration, elements with
// attributes, character data and references; no comments, CDATA or doctype.
#pragma once
#include <string>
#include <string_view>

namespace fb::testing {

// The first thing that is wrong; empty: well-formed.
std::string xml_problem(std::string_view text);

}  // namespace fb::testing
