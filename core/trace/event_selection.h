// Which events of a long log to show when not all fit: what a reader looks for first, then what
// stands next to it, then the rest from the beginning. Pure.
#pragma once
#include "core/model/event.h"

#include <cstddef>
#include <span>
#include <vector>

namespace fb {

// At most `most` events, in log order. First faults (any decision but an allow or a trace), steps,
// lifecycle, scopes, proxy actions and violations; then their neighbours, nearest first.
std::vector<Event> select_events(std::span<const Event> events, size_t most);

}  // namespace fb
