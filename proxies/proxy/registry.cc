#include "proxies/proxy/registry.h"

#include "proxies/http/proxy/session.h"
#include "proxies/memcached/proxy/session.h"
#include "proxies/postgres/proxy/answer.h"
#include "proxies/postgres/proxy/session.h"
#include "proxies/proxy/opaque.h"
#include "proxies/redis/proxy/session.h"
#include "proxies/tcp/proxy/session.h"

namespace fb {
namespace {

template <class T>
std::unique_ptr<Session> make(SessionHost& host) {
  return std::make_unique<T>(host);
}

constexpr ProtocolProxy kProxies[] = {
    {"http", make<HttpSession>, check_http_rule},
    {"memcached", make<MemcachedSession>, check_memcached_rule},
    {"postgres", make<PostgresSession>, check_postgres_rule},
    {"redis", make<RedisSession>, check_redis_rule},
    {"tcp", make<TcpSession>, check_tcp_rule},
};

constexpr ProtocolProxy kOpaque{"", make<OpaqueSession>, nullptr};

}  // namespace

std::span<const ProtocolProxy> protocol_proxies() {
  return kProxies;
}

const ProtocolProxy* find_proxy(std::string_view protocol) {
  for (const ProtocolProxy& proxy : kProxies)
    if (proxy.protocol == protocol) return &proxy;
  return nullptr;
}

const ProtocolProxy& proxy_of(std::string_view protocol) {
  const ProtocolProxy* found = find_proxy(protocol);
  return found == nullptr ? kOpaque : *found;
}

}  // namespace fb
