// The frame of the HTML report: what is the same on every page.
#pragma once
#include <string_view>

namespace fb {

// Colours for light and dark, layout from phone to desktop.
std::string_view html_style();
// Filters by service, type and decision; links to events. The page is whole without it.
std::string_view html_script();

}  // namespace fb
