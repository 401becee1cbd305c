// get(), set() and delete() of memcached interfaces, and their readiness (spec §7).
#pragma once
#include "proxies/steps/protocol_client.h"

#include <span>

namespace fb {

std::span<const StepMethod> memcached_methods();
StepResponse call_memcached(const StepContext& context, const StepCall& call,
                            const StepMethod& method);
Status probe_memcached(const StepContext& context, const Address& to, Duration limit);

}  // namespace fb
