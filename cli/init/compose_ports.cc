#include "cli/init/compose_ports.h"

#include "core/base/text.h"

#include <charconv>
#include <fmt/format.h>
#include <optional>

namespace fb::cli {
namespace {

std::optional<uint16_t> port_number(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

Result<ContainerPorts> container_ports(std::string_view text) {
  ContainerPorts out;
  std::string_view rest = text;
  if (const size_t slash = rest.find('/'); slash != std::string_view::npos) {
    const std::string_view transport = rest.substr(slash + 1);
    if (transport != "tcp" && transport != "udp")
      return invalid(fmt::format("port {}: the protocol is not tcp or udp", quote(text)));
    out.udp = transport == "udp";
    rest = rest.substr(0, slash);
  }
  const size_t colon = rest.rfind(':');
  const std::string_view container =
      colon == std::string_view::npos ? rest : rest.substr(colon + 1);
  const size_t dash = container.find('-');
  const auto first = port_number(container.substr(0, dash));
  const auto last =
      dash == std::string_view::npos ? first : port_number(container.substr(dash + 1));
  if (!first || !last || *last < *first)
    return invalid(
        fmt::format("port {}: want CONTAINER, HOST:CONTAINER or IP:HOST:CONTAINER, "
                    "each a number from 1 to 65535 or a range",
                    quote(text)));
  for (int port = *first; port <= *last; ++port) out.ports.push_back(static_cast<uint16_t>(port));
  return out;
}

}  // namespace fb::cli
