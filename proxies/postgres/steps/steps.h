// query() and exec() of postgres interfaces, and their readiness (spec §7).
#pragma once
#include "proxies/steps/protocol_client.h"

#include <span>

namespace fb {

std::span<const StepMethod> postgres_methods();
StepResponse call_postgres(const StepContext& context, const StepCall& call,
                           const StepMethod& method);
Status probe_postgres(const StepContext& context, const Address& to, Duration limit);

}  // namespace fb
