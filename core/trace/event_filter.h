// FILTERS of assertions, events() and monitors (spec §15.1): which events match, and for a failed
// assertion which events came closest and why they did not match. Pure: the `where=` predicate is a
// function of the caller, and so is the knowledge of working directories.
#pragma once
#include "core/base/result.h"
#include "core/model/event.h"
#include "core/model/pattern.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fb {

using EventPredicate = std::function<bool(const Event&)>;
// The working directory of a service: where relative path patterns are anchored.
using WorkingDirectoryOf = std::function<std::string(std::string_view service)>;

class EventFilter {
 public:
  // `filters`: keyword and value pattern, in the order written; ints and bools already as text.
  // Errors: a malformed path pattern.
  static Result<EventFilter> make(std::vector<std::pair<std::string, std::string>> filters,
                                  EventPredicate where = nullptr,
                                  WorkingDirectoryOf working_directory = nullptr);

  // Every filter holds, and then the predicate.
  bool matches(const Event& event) const;

  // `service="db", syscall="fsync"`, as the messages of Appendix A list them.
  std::string text() const;
  const std::vector<std::pair<std::string, std::string>>& filters() const { return filters_; }
  bool has_predicate() const { return where_ != nullptr; }

  struct Miss {
    uint64_t seq = 0;
    size_t met = 0;         // how many filters hold
    size_t distance = 0;    // edit distance of the first failing value, 0 for the predicate
    bool has_value = true;  // the event has the field of the failing filter
    std::string failed;     // `decision="deny*" (is "allow")`, `where= predicate`
  };
  // Empty when the event matches.
  std::optional<Miss> miss(const Event& event) const;

 private:
  bool holds(size_t index, const Event& event) const;

  std::vector<std::pair<std::string, std::string>> filters_;
  std::vector<std::optional<PathPattern>> paths_;  // by filter; only for non-empty `path`
  EventPredicate where_;
  WorkingDirectoryOf working_directory_;
};

// What a filter key reads from an event: service, type, event_type, seq, else the field.
// Empty: the event has no such field.
std::optional<std::string> filter_value(const Event& event, std::string_view key);

// Up to `limit` events that almost match: most filters met first, then nearest value, then latest.
// Events that meet no filter and lack the field of the first one are not close to anything.
template <class Events>
std::vector<EventFilter::Miss> closest_events(const EventFilter& filter, const Events& events,
                                              size_t limit = 3);

// `#41 (service=db syscall=write decision=allow path=/d/x)`.
std::string describe_event(const Event& event);

namespace internal {
void keep_closest(std::vector<EventFilter::Miss>& kept, EventFilter::Miss miss, size_t limit);
}  // namespace internal

template <class Events>
std::vector<EventFilter::Miss> closest_events(const EventFilter& filter, const Events& events,
                                              size_t limit) {
  std::vector<EventFilter::Miss> kept;
  for (const Event& event : events) {
    if (auto miss = filter.miss(event)) internal::keep_closest(kept, std::move(*miss), limit);
  }
  return kept;
}

}  // namespace fb
