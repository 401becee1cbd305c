// fault(), fault_start(), fault_stop(): scopes of rules on the calls of a service (spec §8.1) and
// on the messages of an interface (§12).
#include "starlark/spec/actions.h"
#include "starlark/spec/protocol_actions.h"
#include "starlark/spec/service_value.h"
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
constexpr Param kTargetParam{
    .name = "target",
    .types = kTarget,
    .kind = ParamKind::kPositionalOnly,
    .doc =
        "The service whose calls, or the interface whose messages, the rules "
        "are about."};
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
    if (value.as<ProxyFaultValue>() != nullptr) {
      return Raised(fmt::format("for {}: {} is for rules of an interface: write fault({}.…, {}(…))",
                                symbol.name(), value.as<ProxyFaultValue>()->str(),
                                session.topology.at(service).name,
                                protocol_builder_name(value.as<ProxyFaultValue>()->rule.action)));
    }
    if (action == nullptr) {
      return Raised(fmt::format("for {}: got {}, want an action such as deny(\"EIO\")",
                                symbol.name(), value.type_name()));
    }
    rules.push_back(FB_TRY(make_rule(session, service, symbol.name(), *action)));
    FB_TRY(require_recorded(call, service, symbol.name(), rules.back().calls));
  }
  return rules;
}

// source=: a service, its name, or "test".
Fallible<std::string> read_source(const Session& session, const Value& value) {
  if (const auto* service = value.as<ServiceValue>()) return service->spec().name;
  const std::string name(value.as_string());
  if (name == "test" || session.topology.find(name)) return name;
  std::vector<std::string> known = session.service_names();
  known.emplace_back("test");
  return Raised("source=: " + unknown("service", name, known));
}

// The rules of a call whose target is an interface.
Fallible<std::vector<ProtocolRule>> read_protocol_rules(Call& call, const InterfaceRef& interface,
                                                        size_t source) {
  const Session& session = session_of(call);
  if (!call.keywords().empty()) {
    return Raised(
        fmt::format("rules of an interface are positional, got {}=; rules of system calls "
                    "take the service",
                    call.keywords().front().first.name()));
  }
  if (call.rest().empty()) return Raised("no rule is given: write error(…), drop() or the like");
  std::string consumer;
  if (call.given(source)) consumer = FB_TRY(read_source(session, call[source]));
  std::vector<ProtocolRule> rules;
  for (const Value& value : call.rest()) {
    const auto* fault = value.as<ProxyFaultValue>();
    if (value.as<FaultValue>() != nullptr) {
      const bool delay = std::holds_alternative<DelayAction>(value.as<FaultValue>()->rule.action);
      return Raised(fmt::format("{} is for rules of a service{}", value.as<FaultValue>()->str(),
                                delay ? "; write delay(delay=\"…\") for an interface" : ""));
    }
    if (fault == nullptr) {
      return Raised(
          fmt::format("got {}, want a rule such as error(message=\"…\")", value.type_name()));
    }
    rules.push_back(FB_TRY(make_protocol_rule(session, interface, *fault)));
    rules.back().source = consumer;
  }
  return rules;
}

struct OpenScope {
  uint64_t id = 0;
  bool protocol = false;
};

Fallible<OpenScope> open_scope(Call& call, Execution& execution, size_t source, bool stoppable) {
  if (const auto* interface = call.as<InterfaceRef>(0)) {
    std::vector<ProtocolRule> rules = FB_TRY(read_protocol_rules(call, *interface, source));
    if (!execution.options().controlled) FB_TRY(require_proxied(call, *interface));
    session_of(call).facts.opened_scope = true;
    const uint64_t id = FB_TRY(execution.open_protocol_faults(
        flow_of(call).actor, {interface->service, interface->index}, std::move(rules), stoppable));
    return OpenScope{id, true};
  }
  const ServiceId service = call.as<ServiceValue>(0)->id;
  std::vector<FaultRule> rules = FB_TRY(read_rules(call, service, source));
  session_of(call).facts.opened_scope = true;
  const uint64_t id =
      FB_TRY(execution.open_faults(flow_of(call).actor, service, std::move(rules), stoppable));
  return OpenScope{id, false};
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
  const OpenScope scope = FB_TRY(open_scope(call, *execution, 2, /*stoppable=*/false));
  FB_TRY(still_running(call));
  const Value function = call[1];
  Outcome result = call.thread().call(function);
  // A fiber that is unwound does not come here: the end of the test closes what is open.
  if (scope.protocol) {
    execution->protocol_faults().close(scope.id);
  } else {
    execution->close_scope(scope.id);
  }
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
  if (const auto* interface = call.as<InterfaceRef>(0)) {
    execution->protocol_faults().stop({interface->service, interface->index});
  } else {
    execution->close_stoppable(call.as<ServiceValue>(0)->id, /*trace=*/false);
  }
  FB_TRY(still_running(call));
  return Value::none();
}

}  // namespace

constexpr BuiltinDef kFault{"fault", kFaultParams,
                            "Runs a function while rules are in force; returns what it returns.",
                            run_fault, "object"};
constexpr BuiltinDef kFaultStart{
    "fault_start", kFaultStartParams,
    "Puts rules in force until fault_stop() of the target or the end of the test.",
    run_fault_start};
constexpr BuiltinDef kFaultStop{"fault_stop", kFaultStopParams,
                                "Ends all rules that fault_start() put in force on the target.",
                                run_fault_stop};

}  // namespace fb::spec
