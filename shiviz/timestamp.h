// Wall time as text, computed from nanoseconds since the epoch: no C library, no locale, no zone.
#pragma once
#include <cstdint>
#include <string>

namespace fb {

// RFC 3339, UTC: "2026-01-02T03:04:05.000000678Z".
std::string rfc3339_utc(int64_t unix_ns);
// ISO 8601 without zone, as JUnit wants it (it is UTC): "2026-01-02T03:04:05".
std::string iso8601_seconds(int64_t unix_ns);

}  // namespace fb
