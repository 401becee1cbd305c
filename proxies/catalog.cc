#include "proxies/catalog.h"

#include "proxies/http/steps/steps.h"
#include "proxies/proxy/registry.h"
#include "proxies/registry.h"

#include <fmt/format.h>
#include <utility>

namespace fb {

Catalog::Catalog(Now now) : now_(std::move(now)) {}

std::span<const StepMethod> Catalog::methods(std::string_view protocol) const {
  const ProtocolClient* client = find_protocol_client(protocol);
  return client == nullptr ? std::span<const StepMethod>{} : client->methods();
}

StepResponse Catalog::call(Net& net, const StepCall& call) {
  const ProtocolClient* client = find_protocol_client(call.protocol);
  if (client == nullptr) {
    return {.error = fmt::format("protocol \"{}\" has no steps", call.protocol)};
  }
  for (const StepMethod& method : client->methods()) {
    if (method.name == call.method) return client->call({net, now_}, call, method);
  }
  return {.error = fmt::format("{} has no step \"{}\"", call.protocol, call.method)};
}

Status Catalog::probe(Net& net, std::string_view protocol, const Address& to, Duration limit) {
  const ProtocolClient* client = find_protocol_client(protocol);
  if (client == nullptr) {
    return Error{Code::kUnavailable,
                 fmt::format("protocol \"{}\" has no readiness exchange", protocol)};
  }
  return client->probe({net, now_}, to, limit);
}

Status Catalog::check_rule(std::string_view protocol, const ProtocolRule& rule) const {
  const ProtocolProxy* proxy = find_proxy(protocol);
  if (proxy == nullptr)
    return Error{
        Code::kUnavailable,
        fmt::format("protocol faults of {} are not available yet in this version", protocol)};
  const Status fits = proxy->check(rule);
  if (!fits.ok())
    return fits.error().within(fmt::format("{}()", protocol_builder_name(rule.action)));
  return {};
}

Status Catalog::probe_http(Net& net, std::string_view url, Duration limit) {
  return probe_http_url({net, now_}, url, limit);
}

}  // namespace fb
