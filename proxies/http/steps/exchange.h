// One request and its response on a connection of its own.
#pragma once
#include "core/base/result.h"
#include "core/model/address.h"
#include "core/model/ids.h"
#include "proxies/http/codec/response.h"
#include "proxies/steps/deadline.h"
#include "proxies/steps/protocol_client.h"

#include <string_view>

namespace fb {

// kHead: a response whose head came but whose body went wrong, or on and on, is good enough.
enum class NeededPart { kHead, kWhole };

// In a fiber. `request` is what write_request() made; not for HEAD.
Result<HttpResponse> exchange_http(const StepContext& context, ActorId actor, const Address& to,
                                   std::string_view request, const Deadline& deadline,
                                   NeededPart needed);

}  // namespace fb
