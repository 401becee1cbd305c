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
  Result<Destination> parsed = parse_destination(text);
  if (parsed.ok() || parsed.error().code != Code::kNotFound) return FB_TRY(std::move(parsed));
  // Another name: services are reached under theirs.
  const HostPort parts = FB_TRY(split_host_port(text));
  if (session.topology.find(parts.host)) {
    return Destination{std::string(text), {loopback(parts.port)}};
  }
  std::vector<std::string> known = session.service_names();
  known.emplace_back("localhost");
  return Raised(unknown("host", parts.host, known));
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
