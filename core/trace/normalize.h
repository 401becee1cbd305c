// The normalized trace of one test (spec §18.4): what happened, without anything that differs from
// run to run. Input of `faultbox diff` and of the byte-equality that determinism promises.
#pragma once
#include "core/model/event.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fb {

// The line of one event; empty: the event leaves no line.
std::optional<std::string> normalized_line(const Event& event);

// `=== name ===`, then per service (sorted bytewise) `--- svc ---` and its lines. Services without
// a line have no section. Every line ends in a newline.
std::string normalize_test(std::string_view name, std::span<const Event> events);

// "socket:[123]" becomes "socket"; pipe and anon_inode likewise. Anything else stays.
std::string_view normalized_path(std::string_view path);

}  // namespace fb
