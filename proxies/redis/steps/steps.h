// The steps and the readiness of protocol redis: each step is one command on a connection of its
// own and one reply. `.data` is {"value": reply}; an error reply is `ok` false with its text as
// error.
#pragma once
#include "core/base/result.h"
#include "core/runtime/client_catalog.h"
#include "proxies/steps/protocol_client.h"

#include <span>

namespace fb {

std::span<const StepMethod> redis_methods();
StepResponse call_redis(const StepContext& context, const StepCall& call, const StepMethod& method);
// PING is answered by PONG, or by NOAUTH: a server that asks for a password is up. One that is
// LOADING its data is not.
Status probe_redis(const StepContext& context, const Address& to, Duration limit);

}  // namespace fb
