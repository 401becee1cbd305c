#include "starlark/spec/destination.h"

#include "starlark/spec/service_value.h"

#include <fmt/format.h>

namespace fb::spec {
namespace {

// Binary services are reached over loopback, under any spelling of it.
Destination::Endpoint loopback(std::optional<uint16_t> port) {
  Destination::Endpoint endpoint;
  endpoint.any_loopback = true;
  endpoint.port = port;
  return endpoint;
}

Fallible<Destination> read_text(const Session& session, std::string_view text) {
  const HostPort parts = FB_TRY(read_host_port(text, /*any_port=*/true));
  Destination out;
  out.text = text;
  if (parts.host == "localhost" || session.topology.find(parts.host)) {
    out.endpoints.push_back(loopback(parts.port));
    return out;
  }
  const bool v6 = parts.host.find(':') != std::string::npos;
  const auto address =
      parse_address(v6 ? fmt::format("[{}]:1", parts.host) : fmt::format("{}:1", parts.host));
  if (!address.ok()) {
    std::vector<std::string> known = session.service_names();
    known.emplace_back("localhost");
    return Raised(unknown("host", parts.host, known));
  }
  Destination::Endpoint endpoint;
  endpoint.address = *address;
  endpoint.port = parts.port;
  out.endpoints.push_back(endpoint);
  return out;
}

}  // namespace

Fallible<Destination> read_destination(const Session& session, const Value& value) {
  if (value.is_string()) return read_text(session, value.as_string());
  Destination out;
  if (const auto* ref = value.as<InterfaceRef>()) {
    out.text = ref->text();
    out.endpoints.push_back(loopback(ref->spec().port));
    return out;
  }
  const auto& service = *value.as<ServiceValue>();
  out.text = service.spec().name;
  for (const InterfaceSpec& interface : service.spec().interfaces) {
    out.endpoints.push_back(loopback(interface.port));
  }
  if (out.endpoints.empty()) {
    return Raised(fmt::format("service \"{}\" has no interface to be a destination", out.text));
  }
  return out;
}

}  // namespace fb::spec
