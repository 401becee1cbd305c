// The fault rules in force: a stack of scopes per service, newest first, and the counters of each
// rule (spec §8.5, §8.6).
#pragma once
#include "core/model/fault_rule.h"
#include "core/model/operation.h"
#include "core/model/topology.h"

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fb {

struct RuleState {
  FaultRule rule;
  uint64_t matched = 0;
  uint64_t hits = 0;
  std::map<SyscallId, uint64_t> hits_by_call;
};

struct RuleScope {
  uint64_t id = 0;
  ServiceId service;
  bool trace = false;      // an observation scope: its calls are only reported as `trace`
  bool stoppable = false;  // opened by fault_start / trace_start
  SyscallSet traced;
  std::vector<RuleState> rules;
};

// What the rules say of one operation.
struct RuleVerdict {
  RuleScope* scope = nullptr;  // of the rule that fired
  RuleState* fired = nullptr;  // empty: nothing fired
  bool traced = false;         // a trace scope names the call and no fault scope is active
  bool system_path = false;    // nothing fired, and the path is a system path
  bool order_dependent =
      false;  // a counter or draw was consulted: the order of matching calls matters
};

class RuleSets {
 public:
  // `draw` is the seeded draw of spec §14, already bound to seed and test: (service, rule identity,
  // n) → u in [0, 1).
  using Draw = std::function<double(std::string_view service, std::string_view rule, uint64_t n)>;
  RuleSets(const Topology& topology, Draw draw);

  RuleScope& open(ServiceId service, std::vector<FaultRule> rules, bool stoppable);
  RuleScope& open_trace(ServiceId service, SyscallSet traced, bool stoppable);
  // Takes the scope off the stack; its final counters stay in history().
  void close(uint64_t scope_id);
  std::vector<uint64_t> stoppable_scopes(ServiceId service, bool trace) const;  // newest first
  bool any_fault_scope(ServiceId service) const;

  // A place in the stack for a scope that is none of rules (partitions.h).
  uint64_t take_scope_id() { return next_id_++; }

  // Counts and draws: call once per operation, when it is decided. Only scopes newer than `above`
  // have a say.
  RuleVerdict evaluate(const Operation& operation, uint64_t above = 0);
  // What evaluate() would say now, without counting. `counters`: identities of the rules whose
  // count the operation would move and whose firing depends on it; operations that share one do not
  // commute.
  struct Preview {
    const FaultRule* fires = nullptr;
    std::vector<std::string> counters;
  };
  Preview preview(const Operation& operation, uint64_t above = 0) const;

  // Every fault scope ever opened, in opening order.
  const std::list<RuleScope>& history() const { return scopes_; }

 private:
  RuleScope& push(RuleScope scope);
  // Tells `visit` of each rule that matches the operation, in the order of spec §8.6, until it
  // returns true.
  void visit_matching(const Operation& operation, uint64_t above,
                      const std::function<bool(RuleScope&, RuleState&)>& visit) const;
  bool named_by_trace(const Operation& operation) const;
  bool fires(const RuleState& state, uint64_t count, std::string_view service) const;

  const Topology& topology_;
  Draw draw_;
  std::list<RuleScope> scopes_;                          // stable addresses
  std::map<ServiceId, std::vector<RuleScope*>> stacks_;  // by service, oldest first
  uint64_t next_id_ = 1;
};

}  // namespace fb
