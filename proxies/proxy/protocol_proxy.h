// What a protocol's folder offers for its proxy: one row of proxies/proxy/registry.cc.
#pragma once
#include "core/base/result.h"
#include "core/model/protocol_rule.h"
#include "proxies/proxy/session.h"

#include <memory>
#include <string_view>

namespace fb {

struct ProtocolProxy {
  std::string_view protocol;
  std::unique_ptr<Session> (*make)(SessionHost& host);
  // What is wrong with a rule, over what check_protocol_rule() says: a body that does not fit.
  Status (*check)(const ProtocolRule& rule);
};

}  // namespace fb
