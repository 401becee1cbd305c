#include "core/trace/event_filter.h"

#include "core/base/suggest.h"
#include "core/base/text.h"
#include "core/model/syscall_table.h"

#include <algorithm>
#include <tuple>

namespace fb {

namespace {

// Longer values are compared by their first characters only: nearness is a hint, not a verdict.
constexpr size_t kDistanceLength = 64;

// `path=` that is literal but for one `*` at one end is also a plain prefix or suffix (spec §2.2),
// whatever the segments are.
bool plain_affix_matches(std::string_view pattern, std::string_view path) {
  constexpr std::string_view kWild = "*?[\\";
  if (pattern.ends_with('*')) {
    const std::string_view prefix = pattern.substr(0, pattern.size() - 1);
    if (prefix.find_first_of(kWild) == std::string_view::npos) return path.starts_with(prefix);
  }
  if (pattern.starts_with('*')) {
    const std::string_view suffix = pattern.substr(1);
    if (suffix.find_first_of(kWild) == std::string_view::npos) return path.ends_with(suffix);
  }
  return false;
}

// Events carry the kernel's names, specs may write an alias (spec §8.2).
std::string kernel_name(const std::string& name) {
  const auto id = find_syscall(name);
  return id ? std::string(row_of(*id).name) : name;
}

size_t value_distance(std::string_view pattern, std::string_view value) {
  std::string literal(pattern);
  std::erase(literal, '*');
  literal.resize(std::min(literal.size(), kDistanceLength));
  return static_cast<size_t>(
      edit_distance(literal, value.substr(0, kDistanceLength), static_cast<int>(kDistanceLength)));
}

}  // namespace

Result<EventFilter> EventFilter::make(std::vector<std::pair<std::string, std::string>> filters,
                                      EventPredicate where, WorkingDirectoryOf working_directory) {
  EventFilter filter;
  filter.paths_.resize(filters.size());
  for (size_t i = 0; i < filters.size(); ++i) {
    auto& [key, pattern] = filters[i];
    if (key == "syscall") pattern = kernel_name(pattern);
    if (key == "path" && !pattern.empty()) filter.paths_[i] = FB_TRY(PathPattern::parse(pattern));
  }
  filter.filters_ = std::move(filters);
  filter.where_ = std::move(where);
  filter.working_directory_ = std::move(working_directory);
  return filter;
}

std::optional<std::string> filter_value(const Event& event, std::string_view key) {
  if (key == "service") return event.service;
  if (key == "type") return std::string(event_type_name(event.type));
  if (key == "event_type") return event.event_type();
  if (key == "seq") return std::to_string(event.seq);
  if (!event.has(key)) return std::nullopt;
  return std::string(event.field(key));
}

bool EventFilter::holds(size_t index, const Event& event) const {
  const auto& [key, pattern] = filters_[index];
  if (pattern.empty()) return true;  // matches anything, absence included
  const auto value = filter_value(event, key);
  if (!value) return false;
  if (paths_[index]) {
    const std::string cwd = working_directory_ ? working_directory_(event.service) : std::string();
    return paths_[index]->matches(*value, cwd) || plain_affix_matches(pattern, *value);
  }
  if (value_matches(pattern, *value)) return true;
  // A decoder may yield a field called "type" (spec §15.1); the log's own types come first.
  return key == "type" && event.has("type") && value_matches(pattern, event.field("type"));
}

bool EventFilter::matches(const Event& event) const {
  for (size_t i = 0; i < filters_.size(); ++i) {
    if (!holds(i, event)) return false;
  }
  return !where_ || where_(event);
}

std::optional<EventFilter::Miss> EventFilter::miss(const Event& event) const {
  Miss miss;
  miss.seq = event.seq;
  std::optional<size_t> failing;
  for (size_t i = 0; i < filters_.size(); ++i) {
    if (holds(i, event)) {
      ++miss.met;
    } else if (!failing) {
      failing = i;
    }
  }
  if (!failing) {
    if (!where_ || where_(event)) return std::nullopt;
    miss.failed = "where= predicate";
    return miss;
  }
  const auto& [key, pattern] = filters_[*failing];
  const auto value = filter_value(event, key);
  miss.has_value = value.has_value();
  miss.distance = value_distance(pattern, value.value_or(""));
  miss.failed = key + "=" + quote(pattern) + (value ? " (is " + quote(*value) + ")" : " (absent)");
  return miss;
}

std::string EventFilter::text() const {
  std::string out;
  for (const auto& [key, pattern] : filters_) {
    if (!out.empty()) out += ", ";
    out += key + "=" + quote(pattern);
  }
  return out;
}

std::string describe_event(const Event& event) {
  std::string out = "#" + std::to_string(event.seq) + " (";
  if (!event.service.empty()) out += "service=" + event.service + " ";
  if (event.type != EventType::kSyscall) {
    out += "type=" + std::string(event_type_name(event.type)) + " ";
  }
  for (const auto& [name, value] : event.fields) {
    // Of a call only what it was, what became of it and on what: the rest is in the log.
    if (event.type == EventType::kSyscall && name != "syscall" && name != "decision" &&
        name != "path" && name != "label" && name != "op") {
      continue;
    }
    out += std::string(name) + "=" + escape_newlines(value) + " ";
  }
  out.back() = ')';
  return out;
}

namespace internal {

void keep_closest(std::vector<EventFilter::Miss>& kept, EventFilter::Miss miss, size_t limit) {
  if (miss.met == 0 && !miss.has_value) return;
  const auto closer = [](const EventFilter::Miss& a, const EventFilter::Miss& b) {
    return std::tuple(b.met, a.distance, b.seq) < std::tuple(a.met, b.distance, a.seq);
  };
  kept.insert(std::upper_bound(kept.begin(), kept.end(), miss, closer), std::move(miss));
  if (kept.size() > limit) kept.pop_back();
}

}  // namespace internal

}  // namespace fb
