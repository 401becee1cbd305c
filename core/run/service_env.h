// The environment a service starts with (spec §3.5): what the runner has, then the addresses of
// every interface, then the spec's own.
#pragma once
#include "core/model/topology.h"

#include <map>
#include <string>

namespace fb {

using EnvMap = std::map<std::string, std::string>;

// FAULTBOX_<S>_<I>_HOST, _PORT, _ADDR for every service and interface of the topology, as a binary
// peer uses them. Names with characters outside [A-Z0-9_] appear twice: as they are, and with those
// replaced by '_'.
EnvMap address_variables(const Topology& topology);

// `inherited` < address variables < FAULTBOX_DIR < the service's own env.
EnvMap service_environment(const EnvMap& inherited, const Topology& topology,
                           const ServiceSpec& service, const std::string& private_directory);

}  // namespace fb
