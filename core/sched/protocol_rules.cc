#include "core/sched/protocol_rules.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb {
namespace {

bool names_literally(const ProtocolRule& rule, std::string_view key) {
  return std::any_of(rule.match.begin(), rule.match.end(), [&](const auto& one) {
    return one.first == key && !one.second.empty() &&
           one.second.find_first_of("*?") == std::string::npos;
  });
}

}  // namespace

ProtocolRuleSets::ProtocolRuleSets(const Topology& topology, Draw draw)
    : topology_(topology), draw_(std::move(draw)) {}

ProtocolScope& ProtocolRuleSets::open(uint64_t id, InterfaceId target,
                                      std::vector<ProtocolRule> rules, bool stoppable) {
  ProtocolScope& scope =
      scopes_.emplace_back(ProtocolScope{.id = id, .target = target, .stoppable = stoppable});
  for (ProtocolRule& rule : rules)
    scope.rules.push_back(ProtocolRuleState{.rule = std::move(rule), .scope = id});
  stacks_[target].push_back(&scope);
  return scope;
}

const ProtocolScope* ProtocolRuleSets::close(uint64_t id) {
  for (auto& [target, stack] : stacks_) {
    const auto found = std::find_if(stack.begin(), stack.end(),
                                    [&](const ProtocolScope* scope) { return scope->id == id; });
    if (found == stack.end()) continue;
    const ProtocolScope* closed = *found;
    stack.erase(found);
    return closed;
  }
  return nullptr;
}

std::vector<uint64_t> ProtocolRuleSets::stoppable_scopes(InterfaceId target) const {
  std::vector<uint64_t> ids;
  const auto found = stacks_.find(target);
  if (found == stacks_.end()) return ids;
  for (auto it = found->second.rbegin(); it != found->second.rend(); ++it)
    if ((*it)->stoppable) ids.push_back((*it)->id);
  return ids;
}

bool ProtocolRuleSets::concerns(const ProtocolRule& rule, ServiceId source) const {
  if (rule.source.empty()) return true;
  return rule.source == (source == kTestDriver ? "test" : topology_.at(source).name);
}

bool ProtocolRuleSets::is_open(uint64_t id) const {
  for (const auto& [target, stack] : stacks_)
    for (const ProtocolScope* scope : stack)
      if (scope->id == id) return true;
  return false;
}

bool ProtocolRuleSets::watches(InterfaceId target, ServiceId source,
                               ProtocolActions actions) const {
  const auto found = stacks_.find(target);
  if (found == stacks_.end()) return false;
  for (const ProtocolScope* scope : found->second)
    for (const ProtocolRuleState& state : scope->rules)
      if (actions.contains(state.rule.action) && concerns(state.rule, source)) return true;
  return false;
}

bool ProtocolRuleSets::fires(const ProtocolRuleState& state, InterfaceId target) const {
  if (!state.rule.trigger.fires(state.matched)) return false;
  if (state.rule.probability >= 1) return true;
  return draw_(topology_.at(target.service).name, state.rule.identity, state.matched) <
         state.rule.probability;
}

std::vector<ProtocolRuleState*> ProtocolRuleSets::evaluate(const ProxiedMessage& message) {
  std::vector<ProtocolRuleState*> fired;
  const auto found = stacks_.find(message.target);
  if (found == stacks_.end() || found->second.empty()) return fired;
  note(message);
  for (auto scope = found->second.rbegin(); scope != found->second.rend(); ++scope) {
    for (ProtocolRuleState& state : (*scope)->rules) {
      if (!message.actions.contains(state.rule.action)) continue;
      if (!concerns(state.rule, message.source)) continue;
      if (state.rule.direction != FlowDirection::kBoth &&
          message.direction != FlowDirection::kBoth && state.rule.direction != message.direction)
        continue;
      if (message.asked != nullptr && !message.asked->insert(&state).second) continue;
      if (!message.named_by.empty() && !names_literally(state.rule, message.named_by)) continue;
      if (!matches_message(state.rule, message.keys)) continue;
      ++state.matched;
      if (!fires(state, message.target)) continue;
      ++state.hits;
      fired.push_back(&state);
      if (state.rule.action != ProtocolAction::kDelay) return fired;
    }
  }
  return fired;
}

void ProtocolRuleSets::note(const ProxiedMessage& message) {
  static constexpr size_t kKindsMax = 100;
  std::string text;
  for (const MessageKey& key : message.keys)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", key.name, key.value.substr(0, 80));
  auto& kinds = seen_[message.target];
  const auto known = kinds.find(text);
  if (known != kinds.end()) {
    ++known->second;
  } else if (kinds.size() < kKindsMax) {
    kinds.emplace(std::move(text), 1);
  }
}

const std::map<std::string, uint64_t>& ProtocolRuleSets::seen(InterfaceId target) const {
  return seen_[target];
}

double ProtocolRuleSets::draw(const ProtocolRuleState& state, InterfaceId target,
                              unsigned k) const {
  return draw_(topology_.at(target.service).name, fmt::format("{}#{}", state.rule.identity, k),
               state.matched);
}

}  // namespace fb
