#include "core/sched/rule_set.h"

#include <algorithm>

namespace fb {
namespace {

bool path_matches(const PathPattern& pattern, const Operation& operation, std::string_view cwd) {
  if (!operation.path.empty() && pattern.matches(operation.path, cwd)) return true;
  return std::any_of(operation.more_paths.begin(), operation.more_paths.end(),
                     [&](const std::string& path) { return pattern.matches(path, cwd); });
}

// Rules leave system paths alone unless the pattern's literal beginning lies in one (spec §8.3).
bool names_system_path(const FaultRule& rule, std::string_view cwd) {
  auto literal = [&](const std::optional<PathPattern>& pattern) {
    return pattern && is_system_path(pattern->literal_prefix(cwd));
  };
  return literal(rule.path) || literal(rule.op_path);
}

bool matches(const FaultRule& rule, const Operation& operation, std::string_view cwd) {
  if (!rule.calls.contains(operation.call)) return false;
  if (rule.op_path && !path_matches(*rule.op_path, operation, cwd)) return false;
  if (rule.path && !path_matches(*rule.path, operation, cwd)) return false;
  if (rule.destination && !(operation.peer && rule.destination->matches(*operation.peer)))
    return false;
  return true;
}

}  // namespace

RuleSets::RuleSets(const Topology& topology, Draw draw)
    : topology_(topology), draw_(std::move(draw)) {}

RuleScope& RuleSets::push(RuleScope scope) {
  scope.id = next_id_++;
  scopes_.push_back(std::move(scope));
  RuleScope& stored = scopes_.back();
  stacks_[stored.service].push_back(&stored);
  return stored;
}

RuleScope& RuleSets::open(ServiceId service, std::vector<FaultRule> rules, bool stoppable) {
  RuleScope scope{.service = service, .stoppable = stoppable};
  for (FaultRule& rule : rules) scope.rules.push_back(RuleState{.rule = std::move(rule)});
  return push(std::move(scope));
}

RuleScope& RuleSets::open_trace(ServiceId service, SyscallSet traced, bool stoppable) {
  return push(
      RuleScope{.service = service, .trace = true, .stoppable = stoppable, .traced = traced});
}

void RuleSets::close(uint64_t scope_id) {
  for (auto& [service, stack] : stacks_)
    std::erase_if(stack, [&](const RuleScope* scope) { return scope->id == scope_id; });
}

std::vector<uint64_t> RuleSets::stoppable_scopes(ServiceId service, bool trace) const {
  std::vector<uint64_t> ids;
  auto found = stacks_.find(service);
  if (found == stacks_.end()) return ids;
  for (auto it = found->second.rbegin(); it != found->second.rend(); ++it)
    if ((*it)->stoppable && (*it)->trace == trace) ids.push_back((*it)->id);
  return ids;
}

bool RuleSets::any_fault_scope(ServiceId service) const {
  auto found = stacks_.find(service);
  return found != stacks_.end() &&
         std::any_of(found->second.begin(), found->second.end(),
                     [](const RuleScope* scope) { return !scope->trace; });
}

void RuleSets::visit_matching(const Operation& operation, uint64_t above,
                              const std::function<bool(RuleScope&, RuleState&)>& visit) const {
  auto found = stacks_.find(operation.service);
  if (found == stacks_.end() || operation.service == kTestDriver) return;
  const std::string& cwd = topology_.at(operation.service).cwd;
  const bool system = is_system_path(operation.path);
  for (auto scope = found->second.rbegin(); scope != found->second.rend(); ++scope) {
    if ((*scope)->id <= above) return;
    for (RuleState& state : (*scope)->rules) {
      if (system && !names_system_path(state.rule, cwd)) continue;
      if (matches(state.rule, operation, cwd) && visit(**scope, state)) return;
    }
  }
}

bool RuleSets::fires(const RuleState& state, uint64_t count, std::string_view service) const {
  const FaultRule& rule = state.rule;
  return rule.trigger.fires(count) &&
         (rule.probability >= 1.0 || draw_(service, rule.identity, count) < rule.probability);
}

RuleVerdict RuleSets::evaluate(const Operation& operation, uint64_t above) {
  RuleVerdict verdict;
  visit_matching(operation, above, [&](RuleScope& scope, RuleState& state) {
    if (!fires(state, ++state.matched, topology_.at(operation.service).name)) return false;
    ++state.hits;
    ++state.hits_by_call[operation.call];
    verdict.scope = &scope;
    verdict.fired = &state;
    return true;
  });
  if (verdict.fired != nullptr) return verdict;
  verdict.system_path = is_system_path(operation.path);
  verdict.traced = named_by_trace(operation) && !any_fault_scope(operation.service);
  return verdict;
}

RuleSets::Preview RuleSets::preview(const Operation& operation, uint64_t above) const {
  Preview preview;
  visit_matching(operation, above, [&](RuleScope&, RuleState& state) {
    const FaultRule& rule = state.rule;
    if (rule.trigger.kind != Trigger::Kind::kAlways || rule.probability < 1.0)
      preview.counters.push_back(rule.identity);
    if (!fires(state, state.matched + 1, topology_.at(operation.service).name)) return false;
    preview.fires = &rule;
    return true;
  });
  return preview;
}

bool RuleSets::named_by_trace(const Operation& operation) const {
  auto found = stacks_.find(operation.service);
  return found != stacks_.end() &&
         std::any_of(found->second.begin(), found->second.end(), [&](const RuleScope* scope) {
           return scope->trace && scope->traced.contains(operation.call);
         });
}

}  // namespace fb
