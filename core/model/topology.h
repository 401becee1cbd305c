// What the spec declares: services, their interfaces, how they become ready. A plain value made by
// evaluating a spec.
#pragma once
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/model/ids.h"
#include "core/model/observe_source.h"
#include "core/model/pattern.h"
#include "core/model/syscall_table.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fb {

struct InterfaceSpec {
  std::string name;
  std::string protocol;  // one of protocol_names()
  uint16_t port = 0;
  std::string spec;      // file of interface(spec=), as given
  bool proxied = false;  // some protocol rule of the spec may name it (spec §12.1)
};

struct HealthCheck {
  enum class Kind { kNone, kTcp, kHttp, kProtocol };
  Kind kind = Kind::kNone;
  std::string target;  // "localhost:7000", "http://localhost:80/health"; kProtocol: the interface's
                       // name or ""
  Duration timeout = std::chrono::seconds(10);
};

struct OperationSpec {  // op() of spec §9
  std::string name;
  std::vector<std::string> syscalls;
  std::optional<PathPattern> path;
};

struct ServiceSpec {
  std::string name;
  std::string binary;  // as given; empty in container mode
  std::string image;
  std::string build;
  std::vector<InterfaceSpec> interfaces;
  std::vector<std::string> args;
  std::map<std::string, std::string> env;
  std::vector<std::string> env_order;   // names of env as the spec lists them
  std::string cwd;                      // absolute; "" is the current directory
  std::vector<std::string> depends_on;  // names
  std::map<std::string, std::string> volumes;
  HealthCheck healthcheck;
  std::vector<ObserveSource> observe;
  std::map<std::string, OperationSpec> ops;
  bool may_exit = false;
  SyscallSet recorded;  // R(s) of spec §8.9
};

struct Topology {
  std::vector<ServiceSpec> services;  // by ServiceId

  std::optional<ServiceId> find(std::string_view name) const;
  const ServiceSpec& at(ServiceId id) const { return services[id.value]; }
  std::vector<std::string> names() const;
  bool any_proxied() const;  // some interface has a proxy in front of it
  // Dependencies before dependants, otherwise in order of registration (Boost.Graph). Error:
  // unknown name (with suggestion), cycle
  // ("depends_on cycle: a -> b -> a").
  Result<std::vector<ServiceId>> start_order() const;
};

std::vector<std::string_view> protocol_names();  // the eleven of spec §3.2, sorted

}  // namespace fb
