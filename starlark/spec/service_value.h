// Services and their interfaces as Starlark values: `db`, `db.main`, `db.main.send`, `db.send`.
#pragma once
#include "core/model/topology.h"
#include "starlark/eval/host_object.h"
#include "starlark/spec/session.h"

#include <string>
#include <vector>

namespace fb::spec {

extern const starlark::HostType kServiceType, kInterfaceType, kInterfaceRefType;

// What interface() makes; service() takes it in.
class InterfaceValue final : public starlark::HostObject {
 public:
  explicit InterfaceValue(InterfaceSpec spec_) : spec(std::move(spec_)) {}
  const starlark::HostType& type() const override { return kInterfaceType; }
  std::string str() const override;

  InterfaceSpec spec;
};

class ServiceValue final : public starlark::HostObject {
 public:
  ServiceValue(Session& session, ServiceId id_) : id(id_), session_(session) {}
  const starlark::HostType& type() const override { return kServiceType; }
  std::string str() const override;
  Outcome attribute(Thread& thread, starlark::Symbol name) override;
  std::vector<std::string> attribute_names() const override;

  const ServiceSpec& spec() const { return session_.topology.at(id); }
  const ServiceId id;

 private:
  // The interface whose steps are called on the service itself: the sole one, or `default`.
  const InterfaceSpec* step_interface() const;

  Session& session_;
};

class InterfaceRef final : public starlark::HostObject {
 public:
  InterfaceRef(Session& session, ServiceId service_, size_t index_)
      : service(service_), index(index_), session_(session) {}
  const starlark::HostType& type() const override { return kInterfaceRefType; }
  std::string str() const override;
  Outcome attribute(Thread& thread, starlark::Symbol name) override;
  std::vector<std::string> attribute_names() const override;

  const ServiceSpec& owner() const { return session_.topology.at(service); }
  const InterfaceSpec& spec() const { return owner().interfaces[index]; }
  std::string text() const { return owner().name + "." + spec().name; }
  const ServiceId service;
  const size_t index;

 private:
  Session& session_;
};

}  // namespace fb::spec
