// fault(), fault_start(), fault_stop(): scopes of syscall rules (spec §8.1).
#include "starlark/spec/actions.h"
#include "starlark/spec/service_value.h"
#include "starlark/spec/unavailable.h"
#include "starlark/spec/words.h"

#include <fmt/format.h>

namespace fb::spec {

using starlark::BuiltinDef;
using starlark::kOptional;
using starlark::Param;
using starlark::ParamKind;
using starlark::Types;
namespace types = starlark::types;

namespace {

constexpr Types kTarget = Types(kServiceType) | Types(kInterfaceRefType);
constexpr Param kTargetParam{.name = "target",
                             .types = kTarget,
                             .kind = ParamKind::kPositionalOnly,
                             .doc = "The service whose calls the rules are about."};
constexpr Param kRulesParam{
    .name = "rules", .kind = ParamKind::kArgs, .doc = "Protocol rules, for an interface."};
constexpr Param kSourceParam{.name = "source",
                             .types = Types(kServiceType) | types::kString | types::kNone,
                             .fallback = nullptr,
                             .kind = ParamKind::kKeywordOnly,
                             .doc = "For protocol rules: the consumer they are limited to."};
constexpr Param kActionsParam{.name = "actions",
                              .kind = ParamKind::kKwargs,
                              .doc =
                                  "KEY=action: a syscall, a family or an operation of the "
                                  "service, and what its calls meet."};

// The rules of a call of fault() or fault_start(), its target being a service.
Fallible<std::vector<FaultRule>> read_rules(Call& call, ServiceId service, size_t source) {
  Session& session = session_of(call);
  if (!call.rest().empty()) {
    return Raised(fmt::format("rules of a service are written KEY=action, got a positional {}",
                              call.rest().front().type_name()));
  }
  if (call.given(source)) return Raised("source= is for rules of an interface");
  if (call.keywords().empty()) return Raised("no rule is given: write KEY=action");
  std::vector<FaultRule> rules;
  for (const auto& [symbol, value] : call.keywords()) {
    const auto* action = value.as<FaultValue>();
    if (action == nullptr) {
      return Raised(fmt::format("for {}: got {}, want an action such as deny(\"EIO\")",
                                symbol.name(), value.type_name()));
    }
    rules.push_back(FB_TRY(make_rule(session, service, symbol.name(), *action)));
    FB_TRY(require_recorded(call, service, symbol.name(), rules.back().calls));
  }
  return rules;
}

Fallible<uint64_t> open_scope(Call& call, Execution& execution, size_t source, bool stoppable) {
  if (call.as<InterfaceRef>(0) != nullptr) {
    return not_available("a protocol fault on an interface");
  }
  const ServiceId service = call.as<ServiceValue>(0)->id;
  std::vector<FaultRule> rules = FB_TRY(read_rules(call, service, source));
  session_of(call).facts.opened_scope = true;
  return FB_TRY(execution.open_faults(flow_of(call).actor, service, std::move(rules), stoppable));
}

constexpr Param kFaultParams[] = {kTargetParam,
                                  {.name = "run",
                                   .types = types::kCallable,
                                   .kind = ParamKind::kKeywordOnly,
                                   .doc = "Called without arguments while the rules are in force."},
                                  kSourceParam,
                                  kRulesParam,
                                  kActionsParam};

Outcome run_fault(Call& call) {
  Execution* execution = FB_TRY(acting(call));
  const uint64_t scope = FB_TRY(open_scope(call, *execution, 2, /*stoppable=*/false));
  FB_TRY(still_running(call));
  const Value function = call[1];
  Outcome result = call.thread().call(function);
  // A fiber that is unwound does not come here: the end of the test closes what is open.
  execution->close_scope(scope);
  FB_TRY(still_running(call));
  return result;
}

constexpr Param kFaultStartParams[] = {kTargetParam, kSourceParam, kRulesParam, kActionsParam};

Outcome run_fault_start(Call& call) {
  Execution* execution = FB_TRY(acting(call));
  FB_TRY(open_scope(call, *execution, 1, /*stoppable=*/true));
  FB_TRY(still_running(call));
  return Value::none();
}

constexpr Param kFaultStopParams[] = {kTargetParam};

Outcome run_fault_stop(Call& call) {
  Execution* execution = FB_TRY(acting(call));
  if (call.as<InterfaceRef>(0) != nullptr) {
    return not_available("a protocol fault on an interface");
  }
  execution->close_stoppable(call.as<ServiceValue>(0)->id, /*trace=*/false);
  FB_TRY(still_running(call));
  return Value::none();
}

}  // namespace

constexpr BuiltinDef kFault{
    "fault", kFaultParams,
    "Runs a function while rules are in force on a service; returns what it returns.", run_fault,
    "object"};
constexpr BuiltinDef kFaultStart{
    "fault_start", kFaultStartParams,
    "Puts rules in force until fault_stop() of the service or the end of the test.",
    run_fault_start};
constexpr BuiltinDef kFaultStop{"fault_stop", kFaultStopParams,
                                "Ends all rules that fault_start() put in force on the service.",
                                run_fault_stop};

}  // namespace fb::spec
