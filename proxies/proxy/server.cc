#include "proxies/proxy/server.h"

#include "core/base/check.h"
#include "proxies/proxy/registry.h"

namespace fb {

ProxyServer::ProxyServer(const Topology& topology, MessageJudge& judge, Clock& clock)
    : topology_(topology), judge_(judge), clock_(clock) {
  judge_.on_scope_end([this](uint64_t scope) {
    for (Connection& connection : connections_) connection.scope_ended(scope);
  });
}

ProxyServer::~ProxyServer() {
  judge_.on_scope_end({});
}

void ProxyServer::partitioned(const PartitionSet& partitions) {
  for (Connection& connection : connections_) connection.partitioned(partitions);
}

void ProxyServer::take(ProxiedConnection connection) {
  const InterfaceSpec& interface =
      topology_.at(connection.target.service).interfaces[connection.target.index];
  const ProtocolProxy& protocol = proxy_of(interface.protocol);
  connections_.emplace_back(
      std::move(connection), protocol, judge_, clock_, [this](Connection& over) {
        connections_.remove_if([&](const Connection& one) { return &one == &over; });
      });
}

}  // namespace fb
