#include "starlark/spec/step.h"

#include "starlark/eval/containers.h"
#include "starlark/spec/json_value.h"
#include "starlark/spec/response_value.h"

#include <chrono>
#include <fmt/format.h>
#include <map>
#include <vector>

namespace fb::spec {

using starlark::BuiltinDef;
using starlark::Default;
using starlark::HostObject;
using starlark::HostType;
using starlark::Param;
using starlark::ParamKind;
namespace types = starlark::types;

constexpr HostType kStepMethodType{
    .name = "step_method", .doc = "A protocol call of the test, bound to an interface. Callable."};

namespace {

// A method as the interpreter wants it.
struct StepRow {
  const StepMethod* method = nullptr;
  std::vector<Param> params;
  BuiltinDef def;
  bool gathers = false;  // surplus positionals go to the last parameter, `args`
  size_t timeout = 0;    // index of the keyword timeout=
};

class StepValue final : public HostObject {
 public:
  StepValue(Session& session_, ServiceId service_, size_t interface_, const StepRow& row_)
      : session(session_), service(service_), interface(interface_), row(row_) {}
  const HostType& type() const override { return kStepMethodType; }
  std::string str() const override {
    return fmt::format("<step {}.{}.{}>", owner().name, iface().name, row.method->name);
  }
  const BuiltinDef* call_signature() const override { return &row.def; }

  const ServiceSpec& owner() const { return session.topology.at(service); }
  const InterfaceSpec& iface() const { return owner().interfaces[interface]; }

  Session& session;
  const ServiceId service;
  const size_t interface;
  const StepRow& row;
};

// The argument as JSON, as far as the parameter's type allows it: values go by meaning (spec §7.1),
// so a number given for a text is its text, and a dict or list its JSON.
Fallible<std::string> argument_json(const StepParameter& parameter, const Value& value) {
  const auto wrong = [&](std::string_view want) {
    return Raised(
        fmt::format("for parameter {}: got {}, want {}", parameter.name, value.type_name(), want));
  };
  switch (parameter.type) {
    case StepParameter::Type::kString:
      if (value.is_string()) return json_string(value.as_string());
      if (value.is_none()) {
        if (parameter.required) return wrong("string");
        return std::string(parameter.default_json);
      }
      if (value.is_bool()) return json_string(value.as_bool() ? "true" : "false");
      if (value.is_int() || value.is_float()) return json_string(starlark::str(value));
      return json_string(FB_TRY(json_from_value(value)));
    case StepParameter::Type::kInt:
      if (!value.is_int()) return wrong("int");
      return starlark::str(value);
    case StepParameter::Type::kBool:
      if (!value.is_bool()) return wrong("bool");
      return std::string(value.as_bool() ? "true" : "false");
    case StepParameter::Type::kStringMap: {
      const auto* dict = value.as<starlark::Dict>();
      if (dict == nullptr) return wrong("dict");
      std::string out = "{";
      for (const auto& entry : dict->table.entries()) {
        if (entry.key.absent()) continue;
        const bool scalar = entry.value.is_string() || entry.value.is_int() ||
                            entry.value.is_float() || entry.value.is_bool();
        if (!entry.key.is_string() || !scalar) return wrong("dict of strings");
        if (out.size() > 1) out += ',';
        out += json_string(entry.key.as_string()) + ':';
        if (entry.value.is_bool()) {
          out += entry.value.as_bool() ? "\"true\"" : "\"false\"";
        } else {
          out += json_string(starlark::str(entry.value));
        }
      }
      return out + "}";
    }
    case StepParameter::Type::kAny:
      return json_from_value(value);
  }
  return wrong("a value");
}

Fallible<std::map<std::string, std::string>> bind_arguments(Call& call, const StepRow& row) {
  std::map<std::string, std::string> out;
  const auto parameters = row.method->parameters;
  for (size_t i = 0; i < parameters.size(); ++i) {
    const StepParameter& parameter = parameters[i];
    std::string json;
    if (row.gathers && i + 1 == parameters.size() && !call.rest().empty()) {
      if (call.given(i)) return Raised("got both positional arguments and args=");
      json = "[";
      for (const Value& value : call.rest()) {
        if (json.size() > 1) json += ',';
        json += FB_TRY(json_from_value(value));
      }
      json += ']';
    } else {
      json = call[i].absent() ? std::string(parameter.default_json)
                              : FB_TRY(argument_json(parameter, call[i]));
    }
    out.emplace(parameter.name, std::move(json));
  }
  return out;
}

Outcome run_step(Call& call) {
  auto& step = call.self_as<StepValue>();
  Execution* execution = FB_TRY(acting(call));
  const InterfaceSpec& interface = step.iface();
  StepCall request;
  request.actor = flow_of(call).actor;
  request.to = Address::loopback4(interface.port);
  request.protocol = interface.protocol;
  request.method = step.row.method->name;
  request.arguments_json = FB_TRY(bind_arguments(call, step.row));
  request.service_env = step.owner().env;
  if (call.given(step.row.timeout)) {
    request.timeout = FB_TRY(parse_duration(call.text(step.row.timeout)));
  }
  step.session.facts.sent_step = true;

  const Instant start = execution->clock().now();
  StepResponse response = execution->step(step.service, interface.name, std::move(request));
  const Duration took = execution->clock().now() - start;
  FB_TRY(still_running(call));
  if (step.row.method->returns_string) {
    // The error says itself whose it is: "tcp send failed: …".
    if (!response.ok) return bare_failure(response.error);
    return call.heap().string(response.body);
  }
  return make_response(call.heap(), std::move(response),
                       std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
}

// Rows are made when a method is first used and stay: the interpreter keeps what it knows of a row
// for the life of the process.
const StepRow& row_for(const StepMethod& method) {
  static auto* rows = new std::map<const StepMethod*, StepRow>;
  StepRow& row = (*rows)[&method];
  if (row.method != nullptr) return row;
  row.method = &method;
  row.gathers = !method.parameters.empty() && method.parameters.back().name == "args" &&
                method.parameters.back().type == StepParameter::Type::kAny;
  for (size_t i = 0; i < method.parameters.size(); ++i) {
    const StepParameter& parameter = method.parameters[i];
    const bool gathered = row.gathers && i + 1 == method.parameters.size();
    row.params.push_back({.name = parameter.name,
                          .fallback = parameter.required ? Default() : starlark::kOptional,
                          .kind = gathered ? ParamKind::kKeywordOnly : ParamKind::kPositional});
  }
  row.timeout = row.params.size();
  row.params.push_back({.name = "timeout",
                        .types = types::kString,
                        .fallback = starlark::kOptional,
                        .kind = ParamKind::kKeywordOnly});
  if (row.gathers) row.params.push_back({.name = "values", .kind = ParamKind::kArgs});
  row.def = BuiltinDef{.name = method.name,
                       .params = row.params,
                       .doc = method.doc,
                       .run = run_step,
                       .result = method.returns_string ? "str" : "response"};
  return row;
}

}  // namespace

const StepMethod* find_step(const ClientCatalog& clients, std::string_view protocol,
                            std::string_view name) {
  for (const StepMethod& method : clients.methods(protocol)) {
    if (method.name == name) return &method;
  }
  return nullptr;
}

Value make_step(Thread& thread, Session& session, ServiceId service, size_t interface,
                std::string_view name) {
  const std::string& protocol = session.topology.at(service).interfaces[interface].protocol;
  const StepMethod* method = find_step(session.clients, protocol, name);
  FB_CHECK(method != nullptr);
  return thread.heap().make<StepValue>(session, service, interface, row_for(*method));
}

}  // namespace fb::spec
