// Opening and closing scopes of protocol rules in one execution (spec §12): the rules, what proxies
// ask of them for each message, and the events in the log.
#pragma once
#include "core/base/result.h"
#include "core/runtime/proxying.h"
#include "core/sched/clock.h"
#include "core/sched/protocol_rules.h"
#include "core/sched/rule_set.h"
#include "core/trace/event_log.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace fb {

class ProtocolScopes final : public MessageJudge {
 public:
  struct Surroundings {
    const Topology& topology;
    EventLog& log;
    Clock& clock;
    RuleSets& rules;  // one stack order for all kinds of scopes
    ProtocolRuleSets::Draw draw;
    // A rule cannot be carried out: the test fails with FAULT_NOT_FILTERABLE.
    std::function<void(std::string message)> fail;
  };
  explicit ProtocolScopes(Surroundings surroundings);

  // The rules have their identities already.
  uint64_t open(InterfaceId target, std::vector<ProtocolRule> rules, bool stoppable);
  void close(uint64_t scope);
  // fault_stop: closes all stoppable scopes of the interface.
  void stop(InterfaceId target);
  // The test is over: what waits goes on.
  void end();

  const ProtocolRuleSets& rules() const { return rules_; }

  bool watches(InterfaceId target, ServiceId source, ProtocolActions actions) const override;
  bool in_force(const ProtocolRuleState& rule) const override;
  MessageVerdict judge(const ProxiedMessage& message) override;
  double draw(const MessageVerdict& verdict, InterfaceId target, unsigned k) override;
  void lost_track(InterfaceId target, ServiceId source, std::string_view why) override;
  void unfilterable(InterfaceId target, ServiceId source, std::string_view why) override;
  void on_scope_end(std::function<void(uint64_t scope)> listener) override {
    scope_ended_ = std::move(listener);
  }

 private:
  const InterfaceSpec& spec_of(InterfaceId target) const;
  std::string source_name(ServiceId source) const;
  void log(const ProxiedMessage& message, const ProtocolRule& rule);

  Surroundings around_;
  ProtocolRuleSets rules_;
  std::function<void(uint64_t)> scope_ended_;
};

}  // namespace fb
