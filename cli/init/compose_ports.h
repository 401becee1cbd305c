// The port forms of compose files (compose-spec, "ports" and "expose"): which container ports a
// service listens on.
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fb::cli {

struct ContainerPorts {
  std::vector<uint16_t> ports;
  bool udp = false;
};

// `C`, `H:C`, `IP:H:C`, `[V6]:H:C`, ranges `A-B` on either side, `/tcp` and `/udp`.
Result<ContainerPorts> container_ports(std::string_view text);

}  // namespace fb::cli
