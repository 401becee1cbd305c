// The steps and the readiness of protocol http. A step has one limit for everything it does, `.ok`
// is true for any status, and its body is what is left of the first 64 KiB without white space at
// both ends.
#pragma once
#include "core/base/result.h"
#include "core/runtime/client_catalog.h"
#include "proxies/steps/protocol_client.h"

#include <span>
#include <string_view>

namespace fb {

std::span<const StepMethod> http_methods();
StepResponse call_http(const StepContext& context, const StepCall& call, const StepMethod& method);
// ready(): GET / answers any status below 500.
Status probe_http_root(const StepContext& context, const Address& to, Duration limit);
// http("host:port/path"): GET answers 200–399; redirects are not followed.
Status probe_http_url(const StepContext& context, std::string_view url, Duration limit);

}  // namespace fb
