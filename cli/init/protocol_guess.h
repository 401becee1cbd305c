// Which protocol a container speaks, guessed from its image's name and its ports (the tables of
// cli.md §7.2); and the probe of a protocol that a first test makes.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fb::cli {

struct KnownProtocol {
  std::string_view protocol, interface;  // the interface's usual name
  uint16_t port;                         // its usual one
};

// By the last part of the image's path, longest match.
std::optional<KnownProtocol> protocol_of_image(std::string_view image);
std::optional<KnownProtocol> protocol_of_port(uint16_t port);

// `TARGET.query("SELECT 1").ok` and the like, an expression that is true when the service answers;
// empty: no step of the protocol leaves the service as it was, or its steps are not available yet.
std::string probe_of(std::string_view protocol, std::string_view target);

}  // namespace fb::cli
