// Every protocol that has steps, in alphabetical order.
#pragma once
#include "proxies/steps/protocol_client.h"

#include <span>
#include <string_view>

namespace fb {

std::span<const ProtocolClient> protocol_clients();
// nullptr for a protocol without steps.
const ProtocolClient* find_protocol_client(std::string_view protocol);

}  // namespace fb
