// Everything of the outside world that an execution needs, handed in by cli (or by tests: all of it
// has simulated twins).
#pragma once
#include "core/base/result.h"
#include "core/model/topology.h"
#include "core/run/service_env.h"
#include "core/runtime/client_catalog.h"
#include "core/runtime/file_watch.h"
#include "core/runtime/launcher.h"
#include "core/runtime/net.h"
#include "core/runtime/network_cut.h"
#include "core/sched/quiescence.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace fb {

struct ExecutionEnvironment {
  Launcher& launcher;
  Net& net;        // steps: where order is controlled, each call is an operation
  Net& probe_net;  // readiness probes: never operations
  ClientCatalog& clients;
  Quiescence* quiescence = nullptr;   // needed when order is controlled
  NetworkCut* network_cut = nullptr;  // needed for partitions
  FileWatch* files = nullptr;         // needed where files of services are observed
  EnvMap inherited;
  // The executable of a service as a path; the error names what was tried (spec §3.1).
  std::function<Result<std::string>(const ServiceSpec&)> find_binary;
  // A fresh private directory of a service, for this execution (FAULTBOX_DIR).
  std::function<Result<std::string>(const std::string& service)> private_directory;
  // Where the network is shared: who listens on the TCP port ("process 815 (redis-server)"), or "".
  std::function<std::string(uint16_t port)> port_holder;
  // What services print, as it comes.
  std::function<void(const ServiceSpec&, bool is_stderr, std::string_view bytes)> output;
};

}  // namespace fb
