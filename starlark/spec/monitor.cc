// monitor(): a callback for every matching event (spec §15.3).
#include "starlark/spec/event_search.h"
#include "starlark/spec/words.h"

#include <fmt/format.h>

namespace fb::spec {

using starlark::BuiltinDef;
using starlark::Param;
using starlark::ParamKind;
namespace types = starlark::types;

namespace {

constexpr Param kMonitorParams[] = {
    {.name = "callback",
     .types = types::kCallable,
     .doc = "Called with each event; fail() or an assertion in it ends the test."},
    {.name = "filters", .kind = ParamKind::kKwargs, .doc = "As in events()."}};

Outcome run_monitor(Call& call) {
  Session& session = session_of(call);
  if (session.execution != nullptr) FB_TRY(acting(call));
  Filters filters;
  if (session.execution == nullptr) {
    // Services declared further down are not known yet: what can be wrong about them is looked at
    // when everything is loaded.
    for (const auto& [symbol, value] : call.keywords()) {
      if (symbol.name() == "service" && value.is_string()) {
        filters.emplace_back("service", value.as_string());
      } else {
        filters.emplace_back(symbol.name(), FB_TRY(read_filter(session, symbol.name(), value)));
      }
    }
  } else {
    filters = FB_TRY(read_filters(session, call.keywords()));
  }
  session.monitors.push_back(
      {call[0], FB_TRY(make_filter(session, std::move(filters))), call.location()});
  session.facts.had_monitor = true;
  return Value::none();
}

}  // namespace

constexpr BuiltinDef kMonitor{
    "monitor", kMonitorParams,
    "Calls a function for every matching event: in a test for that test, at module level for all.",
    run_monitor};

}  // namespace fb::spec
