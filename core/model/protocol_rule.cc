#include "core/model/protocol_rule.h"

#include "core/base/suggest.h"
#include "core/base/text.h"
#include "core/model/pattern.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace fb {
namespace {

struct ActionRow {
  std::string_view name;
  std::string_view builder;
  bool tcp_only = false;
};
// By ProtocolAction.
constexpr ActionRow kActions[] = {
    {"respond", "response"},
    {"error", "error"},
    {"delay", "delay"},
    {"drop", "drop"},
    {"duplicate", "duplicate"},
    {"corrupt", "corrupt", true},
    {"truncate", "truncate", true},
    {"bandwidth", "bandwidth", true},
};

struct KeyRow {
  std::string_view protocol;
  std::array<std::string_view, 3> keys;
};
constexpr KeyRow kKeys[] = {
    {"amqp", {"command", "topic"}},
    {"grpc", {"method"}},
    {"http", {"method", "path"}},
    {"kafka", {"command", "topic"}},
    {"memcached", {"command", "key"}},
    {"mongodb", {"command", "key", "method"}},
    {"mysql", {"query"}},
    {"nats", {"command", "topic"}},
    {"postgres", {"query"}},
    {"redis", {"command", "key"}},
};

// A header as rule texts show it; one to remove has no value.
std::string headers_text(
    const std::vector<std::pair<std::string, std::optional<std::string>>>& headers) {
  std::string out;
  for (const auto& [name, value] : headers)
    out += fmt::format("{}{}:{}", out.empty() ? "" : ",", name, value.value_or(""));
  return out;
}

bool is_wild(char c) {
  return c == '*' || c == '?' || c == '[' || c == '\\';
}

// As event filters match paths, without the base name and the working directory.
bool match_http_path(std::string_view pattern, std::string_view path) {
  if (pattern.empty() || pattern == path) return true;
  const auto wild = std::count_if(pattern.begin(), pattern.end(), is_wild);
  if (wild == 1 && pattern.back() == '*')
    return path.starts_with(pattern.substr(0, pattern.size() - 1));
  if (wild == 1 && pattern.front() == '*') return path.ends_with(pattern.substr(1));
  if (pattern.find('/') == std::string_view::npos) return value_matches(pattern, path);
  // A pattern that does not begin at the root has nowhere else to begin.
  const Result<PathPattern> parsed = PathPattern::parse(
      pattern.front() == '/' || pattern.front() == '*' ? std::string(pattern)
                                                       : "/" + std::string(pattern));
  return parsed.ok() && parsed->matches(path, "/");
}

}  // namespace

std::string_view protocol_action_name(ProtocolAction action) {
  return kActions[static_cast<size_t>(action)].name;
}
std::string_view protocol_builder_name(ProtocolAction action) {
  return kActions[static_cast<size_t>(action)].builder;
}

std::string_view flow_direction_name(FlowDirection direction) {
  switch (direction) {
    case FlowDirection::kBoth:
      return "both";
    case FlowDirection::kUp:
      return "up";
    case FlowDirection::kDown:
      return "down";
  }
  return "";
}

std::optional<FlowDirection> parse_flow_direction(std::string_view text) {
  for (const FlowDirection direction :
       {FlowDirection::kBoth, FlowDirection::kUp, FlowDirection::kDown})
    if (text == flow_direction_name(direction)) return direction;
  return std::nullopt;
}

std::string ProtocolRule::text() const {
  std::vector<std::pair<std::string, std::string>> parts = match;
  const auto add = [&](std::string_view name, std::string value) {
    parts.emplace_back(name, std::move(value));
  };
  if (status) add("status", std::to_string(*status));
  if (body) add(body_is_value ? "value" : "body", *body);
  if (message) add("message", *message);
  if (code) add("code", *code);
  if (!headers.empty()) add("headers", headers_text(headers));
  if (action == ProtocolAction::kDelay) add("delay", format_duration(delay));
  if (action == ProtocolAction::kCorrupt) add("bytes", std::to_string(amount));
  if (action == ProtocolAction::kTruncate) add("after", std::to_string(amount));
  if (action == ProtocolAction::kBandwidth) add("rate", std::to_string(amount));
  if (direction != FlowDirection::kBoth)
    add("direction", std::string(flow_direction_name(direction)));
  if (!source.empty()) add("source", source);
  if (trigger.kind != Trigger::Kind::kAlways) add("trigger", trigger.text());
  std::sort(parts.begin(), parts.end());
  std::string out;
  for (const auto& [name, value] : parts)
    out += fmt::format("{}{}={}", out.empty() ? "" : ",", name, value);
  return fmt::format("{}({})", protocol_action_name(action), out);
}

std::span<const std::string_view> protocol_match_keys(std::string_view protocol) {
  for (const KeyRow& row : kKeys) {
    if (row.protocol != protocol) continue;
    size_t count = 0;
    while (count < row.keys.size() && !row.keys[count].empty()) ++count;
    return std::span(row.keys).first(count);
  }
  return {};
}

Status check_protocol_rule(std::string_view protocol, const ProtocolRule& rule) {
  const std::string_view builder = protocol_builder_name(rule.action);
  if (kActions[static_cast<size_t>(rule.action)].tcp_only && protocol != "tcp")
    return invalid(
        fmt::format("{}() is for tcp interfaces, this one speaks {}", builder, protocol));
  const auto known = protocol_match_keys(protocol);
  for (const auto& [key, pattern] : rule.match) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    if (known.empty())
      return invalid(fmt::format("{}(): {} has no match keys, got {}=", builder, protocol, key));
    const std::vector<std::string> names(known.begin(), known.end());
    return invalid(fmt::format("{}(): {} has no match key \"{}\"{}; it has {}", builder, protocol,
                               key, did_you_mean(key, names), join(names, ", ")));
  }
  return {};
}

bool match_key(std::string_view key, std::string_view pattern, std::string_view seen) {
  if (key == "path") return match_http_path(pattern, seen);
  return value_matches(pattern, seen, /*ignore_case=*/true);
}

bool matches_message(const ProtocolRule& rule, std::span<const MessageKey> seen) {
  for (const auto& [key, pattern] : rule.match) {
    if (pattern.empty()) continue;  // matches anything, also nothing
    const auto found = std::find_if(seen.begin(), seen.end(),
                                    [&](const MessageKey& one) { return one.name == key; });
    if (found == seen.end() || !match_key(key, pattern, found->value)) return false;
  }
  return true;
}

}  // namespace fb
