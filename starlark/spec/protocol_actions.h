// response(), error(), drop(), duplicate(), corrupt(), truncate(), bandwidth() and delay(delay=):
// what a rule of an interface does and to which messages, before it is tied to that interface.
#pragma once
#include "core/model/protocol_rule.h"
#include "starlark/eval/host_object.h"
#include "starlark/spec/service_value.h"
#include "starlark/spec/session.h"

#include <string>

namespace fb::spec {

extern const starlark::HostType kProxyFaultType;

class ProxyFaultValue final : public starlark::HostObject {
 public:
  explicit ProxyFaultValue(ProtocolRule pattern) : rule(std::move(pattern)) {}
  const starlark::HostType& type() const override { return kProxyFaultType; }
  std::string str() const override;

  ProtocolRule rule;  // without source and identity
};

// The rule that the builder becomes on an interface: errors for keys and actions that its protocol
// lacks, and for bodies that do not fit.
Fallible<ProtocolRule> make_protocol_rule(const Session& session, const InterfaceRef& interface,
                                          const ProxyFaultValue& fault);

// What delay(delay=, …) makes; `call` is one of kDelay.
Outcome make_protocol_delay(Call& call);

// In a running test: the interface must be one that was found in the syntax trees to need a proxy.
// What is missing is noted in the session, and the failure ends the test so that it can be started
// again (spec §8.9).
Fallible<bool> require_proxied(Call& call, const InterfaceRef& interface);

extern const starlark::BuiltinDef kBandwidth, kCorrupt, kDrop, kDuplicate, kError, kResponse,
    kTruncate;

}  // namespace fb::spec
