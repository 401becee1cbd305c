// Compares two normalized traces section by section (spec §18.5): the output of `faultbox diff`.
// Pure text to text; it knows nothing of events.
#pragma once
#include "core/trace/colour.h"

#include <string>
#include <string_view>

namespace fb {

struct TraceDiff {
  bool identical = true;
  std::string text;  // what goes to stdout, newline at the end
};

TraceDiff diff_traces(std::string_view a, std::string_view b, Colour colour);

}  // namespace fb
