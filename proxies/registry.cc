#include "proxies/registry.h"

#include "proxies/http/steps/steps.h"
#include "proxies/memcached/steps/steps.h"
#include "proxies/postgres/steps/steps.h"
#include "proxies/redis/steps/steps.h"
#include "proxies/tcp/steps/steps.h"

namespace fb {
namespace {

constexpr ProtocolClient kProtocolClients[] = {
    {"http", http_methods, call_http, probe_http_root},
    {"memcached", memcached_methods, call_memcached, probe_memcached},
    {"postgres", postgres_methods, call_postgres, probe_postgres},
    {"redis", redis_methods, call_redis, probe_redis},
    {"tcp", tcp_methods, call_tcp, probe_tcp},
};

}  // namespace

std::span<const ProtocolClient> protocol_clients() {
  return kProtocolClients;
}

const ProtocolClient* find_protocol_client(std::string_view protocol) {
  for (const ProtocolClient& client : kProtocolClients) {
    if (client.protocol == protocol) return &client;
  }
  return nullptr;
}

}  // namespace fb
