// Every output of this room, by name. A new one is a new file pair and a new row here.
#pragma once
#include "shiviz/trace_writer.h"

#include <span>
#include <string_view>

namespace fb {

std::span<const TraceWriter* const> trace_writers();          // sorted by name
const TraceWriter* find_trace_writer(std::string_view name);  // nullptr: no such output

}  // namespace fb
