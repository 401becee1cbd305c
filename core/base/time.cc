#include "core/base/time.h"

#include "core/base/text.h"

#include <array>

namespace fb {

namespace {

// Holds a fraction of thirteen digits times an hour of nanoseconds; an extension, hence the marker.
__extension__ using Wide = unsigned __int128;

struct Unit {
  std::string_view name;
  uint64_t ns;
};
// Both code points that look like a micro sign are in use: U+00B5 and U+03BC.
constexpr std::array kUnits{
    Unit{"ns", 1},
    Unit{"us", 1'000},
    Unit{"\u00b5s", 1'000},
    Unit{"\u03bcs", 1'000},
    Unit{"ms", 1'000'000},
    Unit{"s", 1'000'000'000},
    Unit{"m", 60'000'000'000},
    Unit{"h", 3'600'000'000'000},
};
constexpr uint64_t kMaxNs = static_cast<uint64_t>(Duration::max().count());

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

Error bad_duration(std::string_view text, std::string_view why) {
  return invalid("bad duration " + quote(text) + ": " + std::string(why));
}

// What of `value` lies above one `unit`, written as a decimal fraction: "1.5".
std::string decimal(uint64_t value, uint64_t unit) {
  std::string out = std::to_string(value / unit);
  uint64_t rest = value % unit;
  if (rest == 0) return out;
  out += '.';
  for (uint64_t digit = unit / 10; rest != 0; digit /= 10) {
    out += static_cast<char>('0' + rest / digit);
    rest %= digit;
  }
  return out;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration{0};
  if (text.empty())
    return bad_duration(text, "it is empty (wanted: \"500ms\", \"1.5s\", \"1m30s\")");
  if (text.front() == '-') return bad_duration(text, "it is negative");

  uint64_t total = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    uint64_t whole = 0;
    uint64_t fraction = 0;  // as an integer over `scale`
    uint64_t scale = 1;
    size_t digits = 0;
    size_t i = 0;
    for (; i < rest.size() && is_digit(rest[i]); ++i, ++digits) {
      if (whole > kMaxNs / 10) return bad_duration(text, "it is too long");
      whole = whole * 10 + static_cast<uint64_t>(rest[i] - '0');
    }
    if (i < rest.size() && rest[i] == '.') {
      for (++i; i < rest.size() && is_digit(rest[i]); ++i, ++digits) {
        // Digits behind the thirteenth are below a nanosecond even in hours.
        if (scale < 10'000'000'000'000) {
          fraction = fraction * 10 + static_cast<uint64_t>(rest[i] - '0');
          scale *= 10;
        }
      }
    }
    if (digits == 0) return bad_duration(text, "a number is missing");
    rest.remove_prefix(i);

    size_t length = 0;
    while (length < rest.size() && rest[length] != '.' && !is_digit(rest[length])) ++length;
    const std::string_view name = rest.substr(0, length);
    rest.remove_prefix(length);
    if (name.empty()) return bad_duration(text, "a unit is missing (ns, us, ms, s, m, h)");
    const Unit* unit = nullptr;
    for (const Unit& candidate : kUnits) {
      if (candidate.name == name) unit = &candidate;
    }
    if (unit == nullptr) {
      return bad_duration(text, "unknown unit " + quote(name) + " (wanted: ns, us, ms, s, m, h)");
    }

    if (whole > kMaxNs / unit->ns) return bad_duration(text, "it is too long");
    const auto fraction_ns = static_cast<uint64_t>(Wide{fraction} * unit->ns / scale);
    total += whole * unit->ns;
    if (total > kMaxNs || fraction_ns > kMaxNs - total) return bad_duration(text, "it is too long");
    total += fraction_ns;
  }
  return Duration{static_cast<int64_t>(total)};
}

std::string format_duration(Duration duration) {
  const bool negative = duration.count() < 0;
  // Negated as unsigned, so that the smallest value works too.
  const auto signed_ns = static_cast<uint64_t>(duration.count());
  const uint64_t ns = negative ? 0 - signed_ns : signed_ns;
  std::string out = negative ? "-" : "";
  if (ns == 0) return "0s";
  if (ns < 1'000) return out + std::to_string(ns) + "ns";
  if (ns < 1'000'000) return out + decimal(ns, 1'000) + "\u00b5s";
  if (ns < 1'000'000'000) return out + decimal(ns, 1'000'000) + "ms";

  const uint64_t minute = 60'000'000'000;
  const uint64_t minutes = ns / minute;
  if (minutes >= 60) out += std::to_string(minutes / 60) + "h";
  if (minutes >= 1) out += std::to_string(minutes % 60) + "m";
  return out + decimal(ns % minute, 1'000'000'000) + "s";
}

}  // namespace fb
