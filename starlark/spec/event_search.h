// FILTERS and where= of one call of a word, and the search for events that match (spec §15.1).
#pragma once
#include "core/trace/event_filter.h"
#include "starlark/spec/session.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fb::spec {

using Filters = std::vector<std::pair<std::string, std::string>>;

// One FILTERS value: str as it is, int and bool as text. Aliases of syscalls become the kernel's
// name. Errors: another type; a service or syscall that is unknown.
Fallible<std::string> read_filter(const Session& session, std::string_view name,
                                  const Value& value);
// The keywords of a call, in the order written.
Fallible<Filters> read_filters(const Session& session, std::span<const Call::Keyword> keywords);

Fallible<EventFilter> make_filter(const Session& session, Filters filters);

// Looks for events; what a predicate raises ends the search (a missing key only makes it false).
class EventSearch {
 public:
  // `where` may be absent; it is, or is part of, the argument at `slot`. `first`: what `e.first` is
  // in the predicate.
  static Fallible<std::unique_ptr<EventSearch>> make(Call& call, Filters filters, Value where,
                                                     size_t slot, const Event* first = nullptr);

  // The first match with a seq above `after`; null: none so far.
  Fallible<const Event*> find(uint64_t after = 0);
  Fallible<std::vector<const Event*>> find_all();

  const EventFilter& filter() const { return *filter_; }
  bool only_predicate() const { return filter_->filters().empty(); }
  // Notes which events came closest and what kept them from matching.
  void explain(SpecFailure& failure) const;

 private:
  EventSearch(Call& call, Value where, const Event* first)
      : thread_(call.thread()),
        session_(session_of(call)),
        where_(std::move(where)),
        first_(first) {}
  bool test(const Event& event);

  Thread& thread_;
  Session& session_;
  Value where_;
  std::string where_text_;  // as written, on one line
  const Event* first_;
  std::optional<EventFilter> filter_;
  std::unique_ptr<Failure> error_;
  const Event* error_event_ = nullptr;
};

// Calls a Starlark predicate on an event: its truth, or what it raised. A missing key is false.
Fallible<bool> call_predicate(Thread& thread, const Value& predicate, const Event& event,
                              const Event* first);

// The names that events have by themselves (spec §17.1), for suggestions.
std::vector<std::string> known_fields();

}  // namespace fb::spec
