// What a protocol's folder offers for steps and readiness: one row of proxies/registry.cc.
#pragma once
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/model/address.h"
#include "core/runtime/client_catalog.h"
#include "core/runtime/net.h"
#include "proxies/steps/deadline.h"

#include <span>
#include <string_view>

namespace fb {

struct StepContext {
  Net& net;
  const Now& now;
};

struct ProtocolClient {
  std::string_view protocol;
  std::span<const StepMethod> (*methods)();  // sorted by name
  StepResponse (*call)(const StepContext& context, const StepCall& call, const StepMethod& method);
  Status (*probe)(const StepContext& context, const Address& to, Duration limit);
};

}  // namespace fb
