// assert_eventually(), assert_never(), assert_before(), events(): assertions about the log
// (spec §15.1).
#include "core/base/suggest.h"
#include "core/trace/decoder.h"
#include "starlark/eval/containers.h"
#include "starlark/spec/event_search.h"
#include "starlark/spec/event_value.h"
#include "starlark/spec/words.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb::spec {

using starlark::BuiltinDef;
using starlark::kOptional;
using starlark::Param;
using starlark::ParamKind;
using starlark::Types;
namespace types = starlark::types;

namespace {

constexpr Param kWhere{.name = "where",
                       .types = types::kCallable | types::kNone,
                       .fallback = nullptr,
                       .kind = ParamKind::kKeywordOnly,
                       .doc = "A predicate of the event; both it and the filters must hold."};
constexpr Param kFilters{
    .name = "filters",
    .kind = ParamKind::kKwargs,
    .doc = "service=, type=, event_type=, seq= or any field: a value pattern."};

Fallible<std::unique_ptr<EventSearch>> search_of(Call& call, size_t where, bool need_one) {
  Filters filters = FB_TRY(read_filters(session_of(call), call.keywords()));
  if (need_one && filters.empty() && !call.given(where)) {
    return Raised("needs at least one filter or where=");
  }
  return EventSearch::make(call, std::move(filters), call.given(where) ? call[where] : Value(),
                           where);
}

// `(filters: service="db")`, with the predicate when there is one.
std::string nothing_found(const EventSearch& search) {
  if (search.only_predicate()) return "no event matched where= predicate";
  return fmt::format("no matching event found (filters: {}{})", search.filter().text(),
                     search.filter().has_predicate() ? ", where= predicate" : "");
}

constexpr Param kAssertEventuallyParams[] = {kWhere,
                                             {.name = "within",
                                              .types = types::kString | types::kNone,
                                              .fallback = nullptr,
                                              .kind = ParamKind::kKeywordOnly,
                                              .doc = "Waits so long; without it only the past "
                                                     "counts."},
                                             kFilters};

Outcome run_assert_eventually(Call& call) {
  Execution* execution = FB_TRY(running(call));
  session_of(call).facts.asserted = true;
  auto search = FB_TRY(search_of(call, 0, /*need_one=*/true));
  const Event* found = FB_TRY(search->find());
  std::string limit_text;
  if (found == nullptr && call.given(1)) {
    FB_TRY(acting(call));
    const Duration limit = FB_TRY(parse_duration(call.text(1)));
    limit_text = " within " + format_duration(limit);
    uint64_t seen = execution->log().size();
    std::optional<Raised> error;
    execution->await_events(limit, [&] {
      const uint64_t size = execution->log().size();
      auto next = search->find(seen);
      seen = size;
      if (!next.ok()) {
        error = std::move(next).error();
        return true;
      }
      found = next.value();
      return found != nullptr;
    });
    if (error) return std::move(*error);
  }
  if (found != nullptr) return Value::none();
  SpecFailure failure;
  failure.type = "assertion";
  search->explain(failure);
  return bare_failure("assert_eventually: " + nothing_found(*search) + limit_text,
                      std::move(failure));
}

// Whether a line that the spec observes could have a field of that name.
bool decoder_may_yield(const Topology& topology, std::string_view field) {
  for (const ServiceSpec& service : topology.services) {
    for (const ObserveSource& source : service.observe) {
      const auto decoder = Decoder::make(source.decoder);
      if (decoder.ok() && decoder->may_yield(field)) return true;
    }
  }
  return false;
}

// An assert_never that no event could ever break is an error (spec §15.1).
Fallible<bool> check_not_vacuous(Call& call, const EventFilter& filter) {
  const Session& session = session_of(call);
  const Topology& topology = session.topology;
  std::string service, syscall;
  for (const auto& [name, value] : filter.filters()) {
    if (name == "service") service = value;
    if (name == "syscall") syscall = value;
  }
  if (!syscall.empty()) {
    const auto recorded = [&](const ServiceSpec& spec) {
      if (!service.empty() && !value_matches(service, spec.name)) return false;
      const auto calls = spec.recorded.list();
      return std::any_of(calls.begin(), calls.end(),
                         [&](SyscallId id) { return value_matches(syscall, row_of(id).name); });
    };
    if (std::none_of(topology.services.begin(), topology.services.end(), recorded)) {
      return bare_failure(
          fmt::format("assert_never: syscall \"{}\" is not recorded on {}", syscall,
                      service.empty() ? "any service" : fmt::format("\"{}\"", service)),
          "error");
    }
  }
  const std::vector<std::string> known = known_fields();
  const auto& events = session.execution->log().events();
  for (const auto& [name, value] : filter.filters()) {
    const std::string& key = name;
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const bool seen = std::any_of(events.begin(), events.end(),
                                  [&](const Event& event) { return event.has(key); });
    if (!seen && !decoder_may_yield(topology, key)) return Raised(unknown("filter", key, known));
  }
  return true;
}

constexpr Param kAssertNeverParams[] = {kWhere, kFilters};

Outcome run_assert_never(Call& call) {
  FB_TRY(running(call));
  session_of(call).facts.asserted = true;
  auto search = FB_TRY(search_of(call, 0, /*need_one=*/true));
  FB_TRY(check_not_vacuous(call, search->filter()));
  const Event* found = FB_TRY(search->find());
  if (found == nullptr) return Value::none();
  SpecFailure failure;
  failure.type = "assertion";
  failure.detail.event = found->seq;
  return bare_failure("assert_never: found matching event " + describe_event(*found),
                      std::move(failure));
}

// `first` or `then` of assert_before: a dict of filters, or a predicate.
Fallible<std::unique_ptr<EventSearch>> side_of(Call& call, size_t i, const Event* first) {
  const auto* dict = call.as<starlark::Dict>(i);
  if (dict == nullptr) return EventSearch::make(call, {}, call[i], i, first);
  Filters filters;
  Value where;
  for (const auto& entry : dict->table.entries()) {
    if (entry.key.absent()) continue;
    if (!entry.key.is_string()) {
      return call.fail_param(i, fmt::format("got {} as a key, want string", entry.key.type_name()));
    }
    const std::string_view name = entry.key.as_string();
    if (name == "where" && entry.value.callable()) {
      where = entry.value;
    } else {
      filters.emplace_back(name, FB_TRY(read_filter(session_of(call), name, entry.value)));
    }
  }
  if (filters.empty() && where.absent()) return call.fail_param(i, "the filter dict is empty");
  return EventSearch::make(call, std::move(filters), std::move(where), i, first);
}

Raised no_side(const EventSearch& search, std::string_view side) {
  SpecFailure failure;
  failure.type = "assertion";
  search.explain(failure);
  return bare_failure(
      fmt::format("assert_before: no event matching '{}' ({})", side,
                  search.only_predicate() ? "predicate" : "filters: " + search.filter().text()),
      std::move(failure));
}

constexpr Types kSide = types::kDict | types::kCallable;
constexpr Param kAssertBeforeParams[] = {
    {.name = "first", .types = kSide, .doc = "A dict of filters, or a predicate."},
    {.name = "then",
     .types = kSide,
     .doc = "Likewise; in a predicate `e.first` is the event found for `first`."}};

Outcome run_assert_before(Call& call) {
  FB_TRY(running(call));
  session_of(call).facts.asserted = true;
  auto first_search = FB_TRY(side_of(call, 0, nullptr));
  const Event* first = FB_TRY(first_search->find());
  if (first == nullptr) return no_side(*first_search, "first");
  auto then_search = FB_TRY(side_of(call, 1, first));
  const Event* then = FB_TRY(then_search->find());
  if (then == nullptr) return no_side(*then_search, "then");
  if (first->seq < then->seq) return Value::none();
  SpecFailure failure;
  failure.type = "assertion";
  failure.detail.event = then->seq;
  failure.more =
      fmt::format("  first: {}\n  then: {}\n", describe_event(*first), describe_event(*then));
  return bare_failure(
      fmt::format(
          "assert_before: 'first' event (seq={}) did not occur before 'then' event (seq={})",
          first->seq, then->seq),
      std::move(failure));
}

constexpr Param kEventsParams[] = {kWhere, kFilters};

Outcome run_events(Call& call) {
  FB_TRY(running(call));
  auto search = FB_TRY(search_of(call, 0, /*need_one=*/false));
  Value list = call.heap().list();
  for (const Event* event : FB_TRY(search->find_all())) {
    list.as<starlark::List>()->append(make_event(call.heap(), *event));
  }
  return list;
}

}  // namespace

constexpr BuiltinDef kAssertBefore{
    "assert_before", kAssertBeforeParams,
    "Fails unless the first event that matches `first` comes before the first that matches `then`.",
    run_assert_before};
constexpr BuiltinDef kAssertEventually{
    "assert_eventually", kAssertEventuallyParams,
    "Fails unless some event matches, in the past or within a time.", run_assert_eventually};
constexpr BuiltinDef kAssertNever{"assert_never", kAssertNeverParams,
                                  "Fails if an event so far matches.", run_assert_never};
constexpr BuiltinDef kEvents{"events", kEventsParams, "The events so far that match, in order.",
                             run_events, "list[event]"};

}  // namespace fb::spec
