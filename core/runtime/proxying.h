// What stands between those who bring connections to a proxy (interpose), the proxy (proxies/) and
// the rules of the test (core/run): three strangers to each other.
//
//   connect of a consumer ─→ router ─ take() ─→ ProxyFront ─ judge() ─→ MessageJudge
//                            (interpose)        (proxies)               (core/run)
#pragma once
#include "core/model/ids.h"
#include "core/model/protocol_rule.h"
#include "core/runtime/duplex.h"
#include "core/sched/protocol_rules.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace fb {

// A connection that a consumer has made to an interface: both of its halves.
struct ProxiedConnection {
  ServiceId source;  // kTestDriver: a step
  InterfaceId target;
  std::unique_ptr<Duplex> client;
  std::unique_ptr<Duplex> server;
  // One more connection to that server; null: it is refused.
  std::function<std::unique_ptr<Duplex>()> dial;
};

class ProxyFront {
 public:
  virtual ~ProxyFront() = default;
  virtual void take(ProxiedConnection connection) = 0;
};

// What becomes of one message. `rule` lives as long as the execution.
struct MessageVerdict {
  Duration delay{};
  std::vector<uint64_t> delay_scopes;         // whose end lets the message go at once
  const ProtocolRuleState* action = nullptr;  // what else happens; null: it passes

  const ProtocolRule* rule() const { return action == nullptr ? nullptr : &action->rule; }
};

class MessageJudge {
 public:
  virtual ~MessageJudge() = default;
  // Whether some rule in force may concern this traffic: without one nothing need be asked.
  virtual bool watches(InterfaceId target, ServiceId source, ProtocolActions actions) const = 0;
  // Whether the rule's scope is still open.
  virtual bool in_force(const ProtocolRuleState& rule) const = 0;
  // Counts, draws and logs: once per message, when its head is complete.
  virtual MessageVerdict judge(const ProxiedMessage& message) = 0;
  // The k-th (from 1) further value of the decision, in [0, 1).
  virtual double draw(const MessageVerdict& verdict, InterfaceId target, unsigned k) = 0;
  // The bytes of a connection are no messages of its protocol: from here on they pass unread.
  virtual void lost_track(InterfaceId target, ServiceId source, std::string_view why) = 0;
  // A rule in force cannot be carried out on this traffic (TLS): the test fails.
  virtual void unfilterable(InterfaceId target, ServiceId source, std::string_view why) = 0;
  // Told of every scope that ends. One listener.
  virtual void on_scope_end(std::function<void(uint64_t scope)> listener) = 0;
};

}  // namespace fb
