// The protocols that have a proxy, in alphabetical order.
#pragma once
#include "proxies/proxy/protocol_proxy.h"

#include <span>
#include <string_view>

namespace fb {

std::span<const ProtocolProxy> protocol_proxies();
// Null: no rule can be applied to the protocol.
const ProtocolProxy* find_proxy(std::string_view protocol);
// Of a protocol without one: passes everything on.
const ProtocolProxy& proxy_of(std::string_view protocol);

}  // namespace fb
