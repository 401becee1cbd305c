#include "shiviz/event_json.h"

#include "shiviz/json_values.h"
#include "shiviz/timestamp.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

namespace fb {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

void append_number(std::string& out, uint64_t number) {
  std::array<char, 20> digits;
  out.append(digits.data(),
             std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void begin_line(std::string& out, int depth) {
  out += '\n';
  out.append(2 * static_cast<size_t>(depth), ' ');
}

void begin_member(std::string& out, int depth, std::string_view key) {
  begin_line(out, depth);
  out += '"';
  out += key;
  out += "\": ";
}

// `"key": "value",` of a key that needs no escapes.
void append_text_member(std::string& out, int depth, std::string_view key, std::string_view text) {
  begin_member(out, depth, key);
  append_json_string(out, text);
  out += ',';
}

// Of a name that comes twice the object has the last value, at the first one's place.
void append_fields(const FieldList& fields, std::string& out, int depth) {
  if (fields.empty()) {
    out += "{}";
    return;
  }
  out += '{';
  for (auto field = fields.begin(); field != fields.end(); ++field) {
    const auto same = [&](const auto& other) { return other.first == field->first; };
    if (std::find_if(fields.begin(), field, same) != field) continue;
    std::string_view value = field->second;
    for (auto later = std::next(field); later != fields.end(); ++later)
      if (same(*later)) value = later->second;
    if (field != fields.begin()) out += ',';
    begin_line(out, depth + 1);
    append_json_string(out, field->first);
    out += ": ";
    append_json_string(out, value);
  }
  begin_line(out, depth);
  out += '}';
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
  });
  if (plain) {
    out += '"';
    out += text;
    out += '"';
  } else {
    append_json(out, Json(text), 0);
  }
}

EventJson::EventJson(const TestResult& test) : test_(test) {
  std::vector<std::pair<std::string, HostIndex>> names;
  for (HostIndex host = 0; host <= test.service_names.size(); ++host)
    names.emplace_back(test.host_name(host), host);
  std::sort(names.begin(), names.end());
  for (size_t i = 1; i < names.size(); ++i)
    if (names[i - 1].first == names[i].first) names_are_unique_ = false;
  for (const auto& [name, index] : names) {
    hosts_.push_back({index, {}});
    append_json_string(hosts_.back().quoted, name);
  }
}

void EventJson::append_time(const Event& event, std::string& out) {
  const auto wall = static_cast<int64_t>(static_cast<uint64_t>(test_.started_unix_ns) +
                                         static_cast<uint64_t>(event.time.ns));
  if (wall < 0) {
    out += rfc3339_utc(wall);
    return;
  }
  if (wall / kNsPerSecond != second_) {
    second_ = wall / kNsPerSecond;
    second_text_ = iso8601_seconds(wall);
  }
  std::array<char, 9> digits;
  for (auto [rest, i] = std::pair(wall % kNsPerSecond, size_t{9}); i > 0; rest /= 10)
    digits[--i] = static_cast<char>('0' + rest % 10);
  out += second_text_;
  out += '.';
  out.append(digits.data(), digits.size());
  out += 'Z';
}

// Clocks are written in the order of the names, as the keys of a JSON tree are here.
void EventJson::append_clock(const VectorClock& clock, std::string& out, int depth) const {
  out += '{';
  bool first = true;
  for (const Host& host : hosts_) {
    const uint64_t count = clock.at(host.index);
    if (count == 0) continue;
    if (!first) out += ',';
    first = false;
    begin_line(out, depth + 1);
    out += host.quoted;
    out += ": ";
    append_number(out, count);
  }
  begin_line(out, depth);
  out += '}';
}

bool EventJson::is_usual(const VectorClock& clock) const {
  return names_are_unique_ &&
         std::all_of(clock.entries().begin(), clock.entries().end(),
                     [&](const auto& entry) { return entry.first < hosts_.size(); });
}

void EventJson::append(const Event& event, std::string& out, int depth) {
  // A record that was cut or made by hand; nothing that a run writes.
  if (!is_usual(event.clock)) return append_json(out, json_of(event, test_), depth);
  const int inside = depth + 1;
  out += '{';
  begin_member(out, inside, "seq");
  append_number(out, event.seq);
  out += ',';
  begin_member(out, inside, "timestamp");
  out += '"';
  append_time(event, out);
  out += "\",";
  append_text_member(out, inside, "type", event_type_name(event.type));
  append_text_member(out, inside, "event_type", event.event_type());
  if (!event.service.empty()) {
    append_text_member(out, inside, "partition_key", event.service);
    append_text_member(out, inside, "service", event.service);
  }
  begin_member(out, inside, "fields");
  append_fields(event.fields, out, inside);
  if (!event.clock.entries().empty()) {
    out += ',';
    begin_member(out, inside, "vector_clock");
    append_clock(event.clock, out, inside);
  }
  if (!event.causes.empty()) {
    out += ',';
    begin_member(out, inside, "causes");
    out += '[';
    for (size_t i = 0; i < event.causes.size(); ++i) {
      if (i > 0) out += ',';
      begin_line(out, inside + 1);
      append_number(out, event.causes[i]);
    }
    begin_line(out, inside);
    out += ']';
  }
  begin_line(out, depth);
  out += '}';
}

}  // namespace fb
