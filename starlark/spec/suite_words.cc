// scenario(), options(), nondet(): what concerns the suite or the way it is run.
#include "starlark/spec/service_value.h"
#include "starlark/spec/words.h"

#include <fmt/format.h>

namespace fb::spec {

using starlark::BuiltinDef;
using starlark::kOptional;
using starlark::Param;
using starlark::ParamKind;
namespace types = starlark::types;

namespace {

constexpr Param kScenarioParams[] = {{.name = "fn", .types = types::kCallable}};

Outcome run_scenario(Call& call) {
  FB_TRY(loading(call));
  Session& session = session_of(call);
  const auto info = starlark::Interpreter::describe(call[0]);
  if (!info || info->name == "lambda") return Raised("needs a named function");
  const std::string test = info->name.starts_with("test_") ? info->name : "test_" + info->name;
  for (const Session::Scenario& other : session.scenarios) {
    if (other.test != test) continue;
    if (other.function.same(call[0])) return call[0];
    return Raised(fmt::format("there is already a scenario that makes {}", test));
  }
  session.scenarios.push_back({test, call[0]});
  return call[0];
}

constexpr Param kOptionsParams[] = {{.name = "timeout",
                                     .types = types::kString,
                                     .fallback = kOptional,
                                     .kind = ParamKind::kKeywordOnly,
                                     .doc = "Limit of the body; in a test for that test."},
                                    {.name = "redact",
                                     .types = types::kList | types::kTuple,
                                     .fallback = kOptional,
                                     .kind = ParamKind::kKeywordOnly,
                                     .doc = "Strings that no output shows."},
                                    {.name = "network",
                                     .types = types::kString,
                                     .fallback = kOptional,
                                     .kind = ParamKind::kKeywordOnly,
                                     .doc = "\"auto\" or \"host\"."}};

Outcome run_options(Call& call) {
  Session& session = session_of(call);
  std::optional<Duration> timeout;
  if (call.given(0)) {
    timeout = FB_TRY(parse_duration(call.text(0)));
    if (timeout->count() == 0) return call.fail_param(0, "the limit is 0");
  }
  if (session.execution != nullptr) {
    Execution* execution = FB_TRY(acting(call));
    if (call.given(1) || call.given(2)) return Raised("a test can only set timeout=");
    if (timeout) execution->set_body_timeout(*timeout);
    return Value::none();
  }
  if (call.given(2)) {
    const std::string_view network = call.text(2);
    if (network != "auto" && network != "host") {
      const std::vector<std::string> known = {"auto", "host"};
      return Raised(unknown("network", network, known));
    }
    session.defaults.host_network = network == "host";
  }
  if (timeout) session.defaults.timeout = timeout;
  if (call.given(1)) {
    for (std::string& text : FB_TRY(read_strings(call, 1))) {
      session.defaults.redact.push_back(std::move(text));
    }
  }
  return Value::none();
}

constexpr Param kNondetParams[] = {
    {.name = "services", .kind = ParamKind::kArgs, .doc = "Services that run uncontrolled."}};

Outcome run_nondet(Call& call) {
  Session& session = session_of(call);
  Execution* execution = nullptr;
  if (session.execution != nullptr) execution = FB_TRY(acting(call));
  if (call.rest().empty()) return Raised("needs at least one service");
  std::vector<ServiceId> services;
  for (const Value& value : call.rest()) {
    const auto* service = value.as<ServiceValue>();
    if (service == nullptr) {
      return Raised(fmt::format("got {}, want service", value.type_name()));
    }
    services.push_back(service->id);
  }
  for (ServiceId id : services) {
    if (execution != nullptr) {
      execution->scheduler().set_free(id);
    } else {
      session.nondet.insert(id);
    }
  }
  return Value::none();
}

}  // namespace

constexpr BuiltinDef kNondet{
    "nondet", kNondetParams,
    "Excludes services from schedule control: in a test for that test, at module level for all.",
    run_nondet};
constexpr BuiltinDef kOptions{"options", kOptionsParams,
                              "Defaults of the spec; in a test its own limit.", run_options};
constexpr BuiltinDef kScenario{
    "scenario", kScenarioParams,
    "Registers a function as a test, and as the basis of generated failure tests.", run_scenario,
    "function"};

}  // namespace fb::spec
