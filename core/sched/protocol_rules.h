// The protocol rules in force: a stack of scopes per interface, newest first, and the counters of
// each rule (spec §12, with stacking and counting of §8.5 and §8.6). Knows no protocol: a message
// is what its match keys say.
#pragma once
#include "core/model/protocol_rule.h"
#include "core/model/topology.h"

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fb {

struct ProtocolRuleState {
  ProtocolRule rule;
  uint64_t scope = 0;
  uint64_t matched = 0;
  uint64_t hits = 0;
};

struct ProtocolScope {
  uint64_t id = 0;
  InterfaceId target;
  bool stoppable = false;  // opened by fault_start
  std::vector<ProtocolRuleState> rules;
};

// A message on its way through a proxy.
struct ProxiedMessage {
  InterfaceId target;
  ServiceId source;  // who sent the request; kTestDriver: a step
  std::span<const MessageKey> keys;
  // What may become of it: a rule with another action is not asked, and does not count.
  ProtocolActions actions = kMessageActions;
  // Not empty: only rules that name this key literally are asked (messages of a handshake).
  std::string_view named_by = {};
  // Which way it goes: rules for one direction are not asked about the other.
  FlowDirection direction = FlowDirection::kBoth;
  // Where a rule counts connections: those that were asked about this one before. They are not
  // asked again, others are added.
  std::set<const ProtocolRuleState*>* asked = nullptr;
};

class ProtocolRuleSets {
 public:
  // As RuleSets has it: (service, rule identity, n) → u in [0, 1).
  using Draw = std::function<double(std::string_view service, std::string_view rule, uint64_t n)>;
  ProtocolRuleSets(const Topology& topology, Draw draw);

  ProtocolScope& open(uint64_t id, InterfaceId target, std::vector<ProtocolRule> rules,
                      bool stoppable);
  // Null: it is not open. Its final counters stay in history().
  const ProtocolScope* close(uint64_t id);
  std::vector<uint64_t> stoppable_scopes(InterfaceId target) const;  // newest first
  // Whether a rule in force may concern what the source sends there.
  bool watches(InterfaceId target, ServiceId source,
               ProtocolActions actions = kAnyProtocolAction) const;
  bool is_open(uint64_t id) const;

  // The rules that fired, in order: any number of delays, then at most one of another action.
  // Counts and draws: call once per message.
  std::vector<ProtocolRuleState*> evaluate(const ProxiedMessage& message);
  // The k-th further draw for a decision that a rule has just made (spec §14: `#1`, `#2`, …).
  double draw(const ProtocolRuleState& state, InterfaceId target, unsigned k) const;

  // What rules in force were asked about: messages by their match keys ("command=GET key=a"), and
  // how many of each; the first hundred kinds. For whoever wonders why a rule never fired.
  const std::map<std::string, uint64_t>& seen(InterfaceId target) const;

  // Every scope ever opened, in opening order.
  const std::list<ProtocolScope>& history() const { return scopes_; }

 private:
  void note(const ProxiedMessage& message);
  bool concerns(const ProtocolRule& rule, ServiceId source) const;
  bool fires(const ProtocolRuleState& state, InterfaceId target) const;

  const Topology& topology_;
  Draw draw_;
  std::list<ProtocolScope> scopes_;  // stable addresses
  std::map<InterfaceId, std::vector<ProtocolScope*>> stacks_;
  mutable std::map<InterfaceId, std::map<std::string, uint64_t>> seen_;
};

}  // namespace fb
