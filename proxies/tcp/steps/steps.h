// The step and the readiness of protocol tcp: one line out, one line in. The result is a str; a
// failed send() is an error of the spec, which is why its text says whose it is.
#pragma once
#include "core/base/result.h"
#include "core/runtime/client_catalog.h"
#include "proxies/steps/protocol_client.h"

#include <cstddef>
#include <span>

namespace fb {

inline constexpr size_t kLineBytesMax = 64 * 1024;

std::span<const StepMethod> tcp_methods();
// A line break is added where `data` does not end in one. A peer that closes instead of ending its
// line has still answered: with what it sent, or with "".
StepResponse call_tcp(const StepContext& context, const StepCall& call, const StepMethod& method);
// A connection succeeds and stays open until the service sends or ends something, or for 250 ms.
// Who can see the service's accept queue need not wait that long.
Status probe_tcp(const StepContext& context, const Address& to, Duration limit);

}  // namespace fb
