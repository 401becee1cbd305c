// The starter spec of one program (cli.md §7.1).
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <string>

namespace fb::cli {

struct BinarySpec {
  std::string binary;
  std::string name = "myapp";
  uint16_t port = 8080;
  std::string protocol = "http";
};

// Error: the name cannot be a service's, or the protocol is unknown (with suggestion).
Result<std::string> binary_spec(const BinarySpec& options);

}  // namespace fb::cli
