#include "starlark/spec/service_value.h"

#include "core/base/text.h"
#include "starlark/spec/step.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb::spec {

using starlark::Attribute;
using starlark::HostObject;
using starlark::HostType;
using starlark::Symbol;

namespace {

std::vector<std::string> step_names(const Session& session, const InterfaceSpec& interface) {
  std::vector<std::string> names;
  for (const StepMethod& m : session.clients.methods(interface.protocol))
    names.emplace_back(m.name);
  return names;
}

InterfaceRef& ref_of(HostObject& self) {
  return static_cast<InterfaceRef&>(self);
}

Outcome get_name(Thread& thread, HostObject& self) {
  return thread.heap().string(static_cast<ServiceValue&>(self).spec().name);
}
Outcome get_addr(Thread& thread, HostObject& self) {
  return thread.heap().string(fmt::format("localhost:{}", ref_of(self).spec().port));
}
Outcome get_host(Thread& thread, HostObject&) {
  return thread.heap().string("localhost");
}
Outcome get_port(Thread& thread, HostObject& self) {
  return thread.heap().integer(ref_of(self).spec().port);
}
Outcome get_internal_addr(Thread& thread, HostObject& self) {
  const ServiceSpec& owner = ref_of(self).owner();
  return thread.heap().string(fmt::format("{}:{}", owner.binary.empty() ? owner.name : "localhost",
                                          ref_of(self).spec().port));
}

constexpr Attribute kServiceAttributes[] = {
    {"name", "str", "The name given to service().", get_name},
};
constexpr Attribute kInterfaceRefAttributes[] = {
    {"addr", "str", "`localhost:<port>` as the test reaches it.", get_addr},
    {"host", "str", "`localhost`.", get_host},
    {"internal_addr", "str",
     "The address other services use: `<service>:<port>` for containers, `localhost:<port>` for "
     "binaries.",
     get_internal_addr},
    {"port", "int", "The declared port.", get_port},
};

}  // namespace

constexpr HostType kServiceType{
    .name = "service",
    .doc =
        "A service of the spec. `svc.<interface>` is its interface; `svc.<step>` is a step on "
        "the sole interface, or on the one named `default`.",
    .attributes = kServiceAttributes};
constexpr HostType kInterfaceType{.name = "interface",
                                  .doc = "What interface() declares, for service()."};
constexpr HostType kInterfaceRefType{
    .name = "interface_ref",
    .doc =
        "An interface of a service. Its further attributes are the step methods of its protocol.",
    .attributes = kInterfaceRefAttributes};

std::string InterfaceValue::str() const {
  return fmt::format("<interface {} {}:{}>", spec.name, spec.protocol, spec.port);
}

std::string ServiceValue::str() const {
  return fmt::format("<service {}>", spec().name);
}

const InterfaceSpec* ServiceValue::step_interface() const {
  const auto& interfaces = spec().interfaces;
  if (interfaces.size() == 1) return &interfaces.front();
  for (const InterfaceSpec& interface : interfaces) {
    if (interface.name == "default") return &interface;
  }
  return nullptr;
}

Outcome ServiceValue::attribute(Thread& thread, Symbol name) {
  const auto& interfaces = spec().interfaces;
  for (size_t i = 0; i < interfaces.size(); ++i) {
    if (interfaces[i].name == name.name()) {
      return thread.heap().make<InterfaceRef>(session_, id, i);
    }
  }
  const auto has_step = [&](const InterfaceSpec& interface) {
    return find_step(session_.clients, interface.protocol, name.name()) != nullptr;
  };
  if (const InterfaceSpec* interface = step_interface()) {
    if (!has_step(*interface)) return Value();
    return make_step(thread, session_, id, static_cast<size_t>(interface - interfaces.data()),
                     name.name());
  }
  if (!std::any_of(interfaces.begin(), interfaces.end(), has_step)) return Value();
  std::vector<std::string> names;
  for (const InterfaceSpec& interface : interfaces) names.push_back(interface.name);
  return Raised(fmt::format("service \"{0}\" has several interfaces ({1}): write {0}.{2}.{3}(...)",
                            spec().name, join(names, ", "), names.front(), name.name()));
}

std::vector<std::string> ServiceValue::attribute_names() const {
  std::vector<std::string> names;
  for (const InterfaceSpec& interface : spec().interfaces) names.push_back(interface.name);
  if (const InterfaceSpec* interface = step_interface()) {
    for (std::string& step : step_names(session_, *interface)) names.push_back(std::move(step));
  }
  return names;
}

std::string InterfaceRef::str() const {
  return fmt::format("<interface_ref {}>", text());
}

Outcome InterfaceRef::attribute(Thread& thread, Symbol name) {
  if (find_step(session_.clients, spec().protocol, name.name()) == nullptr) return Value();
  return make_step(thread, session_, service, index, name.name());
}

std::vector<std::string> InterfaceRef::attribute_names() const {
  return step_names(session_, spec());
}

}  // namespace fb::spec
