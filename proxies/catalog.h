// The ClientCatalog over proxies/registry.cc. Sans-state: one object serves every step of an
// execution, from any number of fibers.
#pragma once
#include "core/runtime/client_catalog.h"
#include "proxies/steps/deadline.h"

#include <span>
#include <string_view>

namespace fb {

class Catalog final : public ClientCatalog {
 public:
  // `now` must be the time in which the Net of every call measures its limits.
  explicit Catalog(Now now);

  std::span<const StepMethod> methods(std::string_view protocol) const override;
  StepResponse call(Net& net, const StepCall& call) override;
  Status probe(Net& net, std::string_view protocol, const Address& to, Duration limit) override;
  Status check_rule(std::string_view protocol, const ProtocolRule& rule) const override;
  Status probe_http(Net& net, std::string_view url, Duration limit) override;

 private:
  Now now_;
};

}  // namespace fb
