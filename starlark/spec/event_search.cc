#include "starlark/spec/event_search.h"

#include "core/base/suggest.h"
#include "starlark/spec/event_value.h"
#include "starlark/spec/words.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb::spec {
namespace {

constexpr size_t kPredicateTextMax = 80;

bool has_wildcard(std::string_view text) {
  return text.find_first_of("*?") != std::string_view::npos;
}

// `key "x" not in dict`: the predicate asked for a field this event does not have.
bool is_missing_key(const Failure& failure) {
  return failure.payload == nullptr && failure.text.starts_with("key ") &&
         failure.text.ends_with(" not in dict");
}

}  // namespace

std::vector<std::string> known_fields() {
  return {
      "action",    "added",      "api",       "between",   "body",        "command",   "data",
      "decision",  "delay_ms",   "dest",      "direction", "duration_ms", "error",     "event_type",
      "exit_code", "expected",   "family",    "fd",        "group",       "interface", "key",
      "label",     "latency_ms", "method",    "mode",      "offset",      "ok",        "op",
      "partition", "path",       "pid",       "protocol",  "proxy",       "query",     "raw",
      "reason",    "rule",       "seq",       "service",   "signal",      "size",      "source",
      "status",    "subject",    "syscall",   "table",     "tag",         "target",    "test",
      "tid",       "topic",      "truncated", "type",      "url",         "value"};
}

Fallible<std::string> read_filter(const Session& session, std::string_view name,
                                  const Value& value) {
  if (value.is_bool()) return std::string(value.as_bool() ? "true" : "false");
  if (value.is_int()) return starlark::str(value);
  if (!value.is_string()) {
    return Raised(
        fmt::format("for filter {}: got {}, want string, int or bool", name, value.type_name()));
  }
  std::string text(value.as_string());
  if (text.empty() || has_wildcard(text)) return text;
  if (name == "service" && text != "test" && !session.topology.find(text)) {
    std::vector<std::string> known = session.service_names();
    known.emplace_back("test");
    return Raised(unknown("service", text, known));
  }
  if (name == "syscall") {
    // Events carry the kernel's names: an alias would never match. A family's name that is no call
    // of its own does not exist.
    const auto id = find_syscall(text);
    if (!id && expand_family(text).empty()) {
      std::vector<std::string> known;
      for (std::string_view word : all_syscall_words()) known.emplace_back(word);
      return Raised(unknown("syscall", text, known));
    }
    if (id) return std::string(row_of(*id).name);
  }
  return text;
}

Fallible<Filters> read_filters(const Session& session, std::span<const Call::Keyword> keywords) {
  Filters filters;
  for (const auto& [symbol, value] : keywords) {
    filters.emplace_back(symbol.name(), FB_TRY(read_filter(session, symbol.name(), value)));
  }
  return filters;
}

Fallible<EventFilter> make_filter(const Session& session, Filters filters) {
  return FB_TRY(EventFilter::make(
      std::move(filters), nullptr,
      [&session](std::string_view service) { return session.working_directory(service); }));
}

Fallible<bool> call_predicate(Thread& thread, const Value& predicate, const Event& event,
                              const Event* first) {
  const Value argument = make_event(thread.heap(), event, first);
  Outcome outcome = thread.call(predicate, std::span(&argument, 1));
  if (outcome.ok()) return std::move(outcome).value().truth();
  if (is_missing_key(outcome.failure())) return false;
  return std::move(outcome).error();
}

Fallible<std::unique_ptr<EventSearch>> EventSearch::make(Call& call, Filters filters, Value where,
                                                         size_t slot, const Event* first) {
  std::unique_ptr<EventSearch> search(new EventSearch(call, std::move(where), first));
  search->where_text_ = one_spaced(call.source_text(slot));
  if (search->where_text_.empty() || search->where_text_.size() > kPredicateTextMax) {
    search->where_text_ = "predicate";
  }
  EventPredicate predicate;
  if (!search->where_.absent() && !search->where_.is_none()) {
    predicate = [raw = search.get()](const Event& event) { return raw->test(event); };
  }
  search->filter_ =
      FB_TRY(EventFilter::make(std::move(filters), std::move(predicate),
                               [session = &search->session_](std::string_view service) {
                                 return session->working_directory(service);
                               }));
  return search;
}

bool EventSearch::test(const Event& event) {
  if (error_ != nullptr) return false;
  auto result = call_predicate(thread_, where_, event, first_);
  if (result.ok()) return result.value();
  error_ = std::move(result).error().take();
  error_event_ = &event;
  return false;
}

Fallible<const Event*> EventSearch::find(uint64_t after) {
  const EventLog& log = session_.execution->log();
  for (uint64_t seq = after + 1; seq <= log.size(); ++seq) {
    const Event& event = log.at(seq);
    const bool matched = filter_->matches(event);
    if (error_ != nullptr) break;
    if (matched) return &event;
  }
  if (error_ == nullptr) return static_cast<const Event*>(nullptr);
  // The predicate's own failure, naming the event it was asked about.
  SpecFailure payload;
  if (const auto* known = error_->payload_as<SpecFailure>()) payload = *known;
  payload.detail.event = error_event_->seq;
  if (!error_->bare) {
    error_->text +=
        fmt::format(" (where= {}, event {})", where_text_, describe_event(*error_event_));
  }
  error_->payload = std::make_shared<const SpecFailure>(std::move(payload));
  return Raised(std::move(error_));
}

Fallible<std::vector<const Event*>> EventSearch::find_all() {
  std::vector<const Event*> found;
  for (uint64_t after = 0;;) {
    const Event* event = FB_TRY(find(after));
    if (event == nullptr) return found;
    found.push_back(event);
    after = event->seq;
  }
}

void EventSearch::explain(SpecFailure& failure) const {
  if (only_predicate()) return;  // nothing to be close to
  const EventLog& log = session_.execution->log();
  for (EventFilter::Miss& miss : closest_events(*filter_, log.events())) {
    failure.detail.closest.push_back({miss.seq, std::move(miss.failed)});
  }
}

}  // namespace fb::spec
