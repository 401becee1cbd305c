// The space-time diagram of an execution as inline SVG: one lane for each host, time downwards,
// arrows from cause to effect, fault scopes as bands on the lane they hold for.
#pragma once
#include "core/model/event.h"
#include "core/run/test_result.h"

#include <span>
#include <string>
#include <string_view>

namespace fb {

// Where an event can be linked to: "t3e41".
std::string html_event_id(std::string_view prefix, uint64_t seq);

// `prefix` makes the ids unique on the page; `label` tells readers of the page what it shows.
std::string html_diagram(const TestResult& test, std::span<const Event> events,
                         std::string_view prefix, std::string_view label);

}  // namespace fb
