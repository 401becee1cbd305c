// service(): registers a service of the spec (spec §3.1).
#include "starlark/eval/containers.h"
#include "starlark/spec/observe_values.h"
#include "starlark/spec/parts.h"
#include "starlark/spec/service_value.h"
#include "starlark/spec/words.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace fb::spec {

using starlark::BuiltinDef;
using starlark::kOptional;
using starlark::Param;
using starlark::ParamKind;
using starlark::Types;
namespace types = starlark::types;

namespace {

// Positions in the row.
enum : size_t {
  kName,
  kArgs,
  kBinary,
  kBuild,
  kCwd,
  kDependsOn,
  kEnv,
  kHealthcheck,
  kImage,
  kMayExit,
  kObserve,
  kOps,
  kVolumes,
};

constexpr Param keyword(std::string_view name, Types accepted, std::string_view doc) {
  return {.name = name,
          .types = accepted,
          .fallback = kOptional,
          .kind = ParamKind::kKeywordOnly,
          .doc = doc};
}
constexpr Types kSequence = types::kList | types::kTuple;

constexpr Param kServiceParams[] = {
    {.name = "name", .types = types::kString, .doc = "Unique; identity in events."},
    keyword("args", kSequence, "Arguments of the executable."),
    keyword("binary", types::kString, "The executable."),
    keyword("build", types::kString, "Build context of an image, relative to the spec."),
    keyword("cwd", types::kString, "Working directory, relative to the spec."),
    keyword("depends_on", kSequence, "Services, or their names, that start first."),
    keyword("env", types::kDict, "Environment; wins over inherited and injected variables."),
    keyword("healthcheck", Types(kHealthcheckType) | types::kNone, "tcp(), http() or ready()."),
    keyword("image", types::kString, "A container image."),
    keyword("may_exit", types::kBool, "An exit is never a failure."),
    keyword("observe", kSequence, "stdout(), stderr(), tail(), poll()."),
    keyword("ops", types::kDict, "Named operations: name to op()."),
    keyword("volumes", types::kDict, "Container mode: host to container directory."),
    {.name = "interfaces",
     .kind = ParamKind::kArgs,
     .doc = "The executable, if it is not given as binary=, then interfaces."},
};

Fallible<bool> check_name(const Session& session, std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  };
  if (name.empty() || !std::all_of(name.begin(), name.end(), allowed)) {
    return Raised(fmt::format("service name \"{}\" is not [A-Za-z0-9_.-]+", name));
  }
  if (name == "test") return Raised("a service cannot be called \"test\"");
  if (const auto other = session.topology.find(name)) {
    return Raised(fmt::format("service \"{}\" is already declared at {}", name,
                              session.declared[other->value].str()));
  }
  return true;
}

// The positionals after the name: an executable, then interfaces.
Fallible<bool> read_positionals(Call& call, ServiceSpec& spec) {
  const auto rest = call.rest();
  for (size_t i = 0; i < rest.size(); ++i) {
    if (i == 0 && rest[i].is_string()) {
      if (call.given(kBinary)) return Raised("binary is given twice");
      spec.binary = rest[i].as_string();
      continue;
    }
    const auto* interface = rest[i].as<InterfaceValue>();
    if (interface == nullptr) {
      return Raised(fmt::format("positional argument {}: got {}, want interface{}", i + 2,
                                rest[i].type_name(), i == 0 ? " or the executable" : ""));
    }
    for (const InterfaceSpec& other : spec.interfaces) {
      if (other.name == interface->spec.name) {
        return Raised(fmt::format("interface \"{}\" is given twice", other.name));
      }
    }
    spec.interfaces.push_back(interface->spec);
  }
  return true;
}

// Exactly one of binary, image, build.
Fallible<bool> read_origin(Call& call, ServiceSpec& spec) {
  if (call.given(kBinary)) spec.binary = call.text(kBinary);
  if (call.given(kImage)) spec.image = call.text(kImage);
  if (call.given(kBuild)) spec.build = call.text(kBuild);
  const int count = !spec.binary.empty() + !spec.image.empty() + !spec.build.empty();
  if (count != 1) {
    return Raised(fmt::format("service \"{}\" needs exactly one of binary, image, build; got {}",
                              spec.name, count == 0 ? "none" : "several"));
  }
  return true;
}

// A relative path is looked for from the current directory, then beside the root spec (the launcher
// does both) and, where a loaded file declares the service, beside that file.
void find_beside_file(const Session& session, std::string_view said_in, std::string& binary) {
  if (said_in == session.root || binary.find('/') == std::string::npos) return;
  if (session.files.canonical(binary).ok() ||
      session.files.canonical(session.beside_spec(binary, session.root)).ok()) {
    return;
  }
  const std::string beside = session.beside_spec(binary, said_in);
  if (session.files.canonical(beside).ok()) binary = session.absolute(beside);
}

// A dict of strings; `scalars`: ints and bools are rendered.
Fallible<std::map<std::string, std::string>> read_dict(Call& call, size_t i, bool scalars) {
  std::map<std::string, std::string> out;
  if (!call.given(i)) return out;
  for (const auto& entry : call.as<starlark::Dict>(i)->table.entries()) {
    if (entry.key.absent()) continue;
    if (!entry.key.is_string()) {
      return call.fail_param(i, fmt::format("got {} as a key, want string", entry.key.type_name()));
    }
    const bool rendered = scalars && (entry.value.is_int() || entry.value.is_bool());
    if (!entry.value.is_string() && !rendered) {
      return call.fail_param(i, fmt::format("got {} for \"{}\", want string",
                                            entry.value.type_name(), entry.key.as_string()));
    }
    out.emplace(entry.key.as_string(), starlark::str(entry.value));
  }
  return out;
}

// Binaries share the machine's ports.
Fallible<bool> check_ports(const Session& session, const ServiceSpec& spec) {
  if (spec.binary.empty()) return true;
  std::map<uint16_t, std::string> taken;
  for (const ServiceSpec& other : session.topology.services) {
    if (other.binary.empty()) continue;
    for (const InterfaceSpec& interface : other.interfaces) {
      taken.emplace(interface.port, other.name + "." + interface.name);
    }
  }
  for (const InterfaceSpec& interface : spec.interfaces) {
    const std::string name = spec.name + "." + interface.name;
    const auto [other, free] = taken.emplace(interface.port, name);
    if (!free) {
      return Raised(
          fmt::format("port {} of {} is already that of {}", interface.port, name, other->second));
    }
  }
  return true;
}

Fallible<std::vector<std::string>> read_dependencies(Call& call) {
  std::vector<std::string> out;
  if (!call.given(kDependsOn)) return out;
  std::span<const Value> items;
  if (const auto* list = call.as<starlark::List>(kDependsOn)) items = list->items();
  if (const auto* tuple = call.as<starlark::Tuple>(kDependsOn)) items = tuple->items();
  for (const Value& item : items) {
    if (item.is_string()) {
      out.emplace_back(item.as_string());
    } else if (const auto* service = item.as<ServiceValue>()) {
      out.push_back(service->spec().name);
    } else {
      return call.fail_param(
          kDependsOn, fmt::format("got {} in the list, want service or string", item.type_name()));
    }
  }
  return out;
}

Fallible<std::map<std::string, OperationSpec>> read_ops(Call& call) {
  std::map<std::string, OperationSpec> out;
  if (!call.given(kOps)) return out;
  for (const auto& entry : call.as<starlark::Dict>(kOps)->table.entries()) {
    if (entry.key.absent()) continue;
    auto* value = entry.value.as<OpValue>();
    if (!entry.key.is_string() || value == nullptr) {
      return call.fail_param(kOps, fmt::format("got {} to {}, want names to op()",
                                               entry.key.type_name(), entry.value.type_name()));
    }
    const std::string name(entry.key.as_string());
    if (name == "run" || name == "source") {
      return Raised(fmt::format("an operation cannot be called \"{}\"", name));
    }
    if (name.empty()) return Raised("an operation has no name");
    if (value->op.name.empty()) value->op.name = name;
    OperationSpec op = value->op;
    op.name = name;
    out.emplace(name, std::move(op));
  }
  return out;
}

Fallible<HealthCheck> read_healthcheck(Call& call, const ServiceSpec& spec) {
  if (!call.given(kHealthcheck)) return HealthCheck{};
  HealthCheck check = call.as<HealthcheckValue>(kHealthcheck)->check;
  if (check.kind != HealthCheck::Kind::kProtocol) return check;
  if (spec.interfaces.empty()) {
    return Raised(fmt::format("ready() needs an interface; service \"{}\" has none", spec.name));
  }
  std::vector<std::string> names;
  for (const InterfaceSpec& interface : spec.interfaces) names.push_back(interface.name);
  const auto named = [&](std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (check.target.empty()) {
    // The sole one, `default`, else the first (spec §3.4).
    check.target = named("default") ? "default" : names.front();
  } else if (!named(check.target)) {
    return Raised(unknown("interface", check.target, names));
  }
  return check;
}

Fallible<std::vector<ObserveSource>> read_observe(Call& call, const Session& session,
                                                  const ServiceSpec& spec) {
  std::vector<ObserveSource> out;
  if (!call.given(kObserve)) return out;
  std::span<const Value> items;
  if (const auto* list = call.as<starlark::List>(kObserve)) items = list->items();
  if (const auto* tuple = call.as<starlark::Tuple>(kObserve)) items = tuple->items();
  for (const Value& item : items) {
    const auto* value = item.as<ObserveSourceValue>();
    if (value == nullptr) {
      return call.fail_param(
          kObserve, fmt::format("got {} in the list, want observe_source", item.type_name()));
    }
    ObserveSource source = value->source;
    if (source.kind == ObserveSource::Kind::kTail && !source.path.starts_with('/')) {
      source.path = session.absolute(spec.cwd.empty() ? source.path : spec.cwd + "/" + source.path);
    }
    if (std::find(out.begin(), out.end(), source) != out.end()) {
      return call.fail_param(kObserve, fmt::format("{} is given twice", value->str()));
    }
    out.push_back(std::move(source));
  }
  return out;
}

Outcome run_service(Call& call) {
  FB_TRY(loading(call));
  Session& session = session_of(call);
  ServiceSpec spec;
  spec.name = call.text(kName);
  FB_TRY(check_name(session, spec.name));
  FB_TRY(read_positionals(call, spec));
  FB_TRY(read_origin(call, spec));
  find_beside_file(session, call.location().file, spec.binary);
  FB_TRY(check_ports(session, spec));
  if (call.given(kArgs)) spec.args = FB_TRY(read_strings(call, kArgs));
  spec.env = FB_TRY(read_dict(call, kEnv, /*scalars=*/true));
  if (call.given(kEnv)) {
    for (const auto& entry : call.as<starlark::Dict>(kEnv)->table.entries()) {
      if (!entry.key.absent()) spec.env_order.emplace_back(entry.key.as_string());
    }
  }
  spec.volumes = FB_TRY(read_dict(call, kVolumes, /*scalars=*/false));
  if (!spec.volumes.empty() && !spec.binary.empty()) {
    return Raised("volumes= is for services in containers");
  }
  if (call.given(kCwd))
    spec.cwd = session.absolute(session.beside_spec(call.text(kCwd), call.location().file));
  spec.depends_on = FB_TRY(read_dependencies(call));
  spec.healthcheck = FB_TRY(read_healthcheck(call, spec));
  spec.ops = FB_TRY(read_ops(call));
  spec.observe = FB_TRY(read_observe(call, session, spec));
  spec.may_exit = call.given(kMayExit) && call.flag(kMayExit);

  const ServiceId id{static_cast<uint16_t>(session.topology.services.size())};
  session.topology.services.push_back(std::move(spec));
  session.declared.push_back(call.location());
  session.services.push_back(call.heap().make<ServiceValue>(session, id));
  return session.services.back();
}

}  // namespace

constexpr BuiltinDef kService{"service", kServiceParams,
                              "Declares a service: what to start, where it listens, what it needs.",
                              run_service, "service"};

}  // namespace fb::spec
