#include "tests/unit/shiviz/shiviz_log.h"

#include "core/base/text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <re2/re2.h>

namespace fb::testing {

namespace {

// ShiViz runs in a browser: its named groups are JavaScript's.
std::string to_re2(std::string_view expression) {
  std::string out(expression);
  for (const char* group : {"host", "clock", "event"}) {
    const std::string javascript = std::string("(?<") + group + ">";
    const size_t at = out.find(javascript);
    if (at != std::string::npos) out.replace(at, 3, "(?P<");
  }
  return out;
}

Result<std::map<std::string, uint64_t>> read_clock(const std::string& text) {
  const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!json.is_object() || json.empty()) return invalid("the clock is no JSON object: " + text);
  std::map<std::string, uint64_t> clock;
  std::string rewritten, previous;
  for (const auto& [host, count] : json.items()) {
    if (!count.is_number_unsigned() || count.get<uint64_t>() == 0) {
      return invalid("a clock holds positive numbers: " + text);
    }
    if (!previous.empty() && previous >= host) return invalid("keys are not sorted: " + text);
    previous = host;
    clock[host] = count.get<uint64_t>();
    rewritten += (rewritten.empty() ? "{" : ", ") + json[host].dump();
    rewritten.insert(rewritten.size() - json[host].dump().size(), quote(host) + ": ");
  }
  if (rewritten + "}" != text) return invalid("not in the form {\"a\": 1, \"b\": 2}: " + text);
  return clock;
}

class Reader {
 public:
  Status add(ShivizEvent event) {
    std::vector<ShivizEvent>& own = by_host_[event.host];
    auto component = event.clock.find(event.host);
    if (component == event.clock.end() || component->second != own.size() + 1) {
      return invalid("the host's own component must be " + std::to_string(own.size() + 1));
    }
    if (!own.empty()) FB_TRY(covers(event, own.back()));
    for (const auto& [host, count] : event.clock) {
      if (host == event.host) continue;
      const std::vector<ShivizEvent>& other = by_host_[host];
      if (count > other.size()) {
        return invalid("it knows of event " + std::to_string(count) + " of " + host +
                       ", which has not happened yet");
      }
      FB_TRY(covers(event, other[count - 1]));
    }
    by_host_[event.host].push_back(event);
    events_.push_back(std::move(event));
    return {};
  }

  std::vector<ShivizEvent> take() { return std::move(events_); }

 private:
  // Who knows of an event knows what that event knew.
  static Status covers(const ShivizEvent& later, const ShivizEvent& earlier) {
    for (const auto& [host, count] : earlier.clock) {
      auto mine = later.clock.find(host);
      if (mine == later.clock.end() || mine->second < count) {
        return invalid("it forgets event " + std::to_string(count) + " of " + host);
      }
    }
    return {};
  }

  std::map<std::string, std::vector<ShivizEvent>> by_host_;
  std::vector<ShivizEvent> events_;
};

}  // namespace

Result<std::vector<ShivizEvent>> read_shiviz_log(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return invalid("the last line has no end");
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  if (lines.size() < 2) return invalid("the two header lines are missing");
  const RE2 parser(to_re2(lines[0]), RE2::Quiet);
  if (!parser.ok() || parser.NumberOfCapturingGroups() != 3 ||
      parser.NamedCapturingGroups().size() != 3) {
    return invalid("line 1 is no parser expression with host, clock and event");
  }
  if (!lines[1].empty()) return invalid("line 2 must be empty");
  const auto group = [&](const char* name) {
    return static_cast<size_t>(parser.NamedCapturingGroups().at(name)) - 1;
  };
  Reader reader;
  for (size_t i = 2; i < lines.size(); ++i) {
    std::string captures[3];
    const std::string where = "line " + std::to_string(i + 1);
    if (!is_valid_utf8(lines[i])) return invalid(where + ": not UTF-8");
    if (!RE2::FullMatch(re2::StringPiece(lines[i].data(), lines[i].size()), parser, &captures[0],
                        &captures[1], &captures[2])) {
      return invalid(where + ": does not match the parser expression");
    }
    auto clock = read_clock(captures[group("clock")]);
    if (!clock.ok()) return std::move(clock).error().within(where);
    Status added =
        reader.add({captures[group("host")], captures[group("event")], std::move(clock).value()});
    if (!added.ok()) return std::move(added).error().within(where);
  }
  return reader.take();
}

}  // namespace fb::testing
