#include "core/run/protocol_scopes.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace fb {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string name_of_text(const ProtocolRule& rule) {
  return rule.label.empty() ? rule.text() : fmt::format("{} label=\"{}\"", rule.text(), rule.label);
}

}  // namespace

ProtocolScopes::ProtocolScopes(Surroundings surroundings)
    : around_(std::move(surroundings)), rules_(around_.topology, around_.draw) {}

const InterfaceSpec& ProtocolScopes::spec_of(InterfaceId target) const {
  return around_.topology.at(target.service).interfaces[target.index];
}

std::string ProtocolScopes::source_name(ServiceId source) const {
  return source == kTestDriver ? "test" : around_.topology.at(source).name;
}

uint64_t ProtocolScopes::open(InterfaceId target, std::vector<ProtocolRule> rules, bool stoppable) {
  const InterfaceSpec& interface = spec_of(target);
  Fields fields = {{"interface", interface.name},
                   {"protocol", interface.protocol},
                   {"proxy", fmt::format("localhost:{}", interface.port)}};
  if (!rules.empty() && !rules.front().source.empty())
    fields.emplace_back("source", rules.front().source);
  for (size_t i = 0; i < rules.size(); ++i)
    fields.emplace_back(i == 0 ? "rule" : fmt::format("rule{}", i + 1), name_of_text(rules[i]));
  const uint64_t id = around_.rules.take_scope_id();
  rules_.open(id, target, std::move(rules), stoppable);
  around_.log.append(target.service, EventType::kProxyFaultApplied, around_.clock.now(),
                     std::move(fields));
  return id;
}

void ProtocolScopes::close(uint64_t scope) {
  const ProtocolScope* closed = rules_.close(scope);
  if (closed == nullptr) return;
  if (scope_ended_) scope_ended_(scope);
  around_.log.append(closed->target.service, EventType::kProxyFaultRemoved, around_.clock.now(),
                     {{"interface", spec_of(closed->target).name}});
}

void ProtocolScopes::stop(InterfaceId target) {
  for (const uint64_t id : rules_.stoppable_scopes(target)) close(id);
}

void ProtocolScopes::end() {
  for (const ProtocolScope& scope : rules_.history())
    if (rules_.close(scope.id) != nullptr && scope_ended_) scope_ended_(scope.id);
}

bool ProtocolScopes::watches(InterfaceId target, ServiceId source, ProtocolActions actions) const {
  return rules_.watches(target, source, actions);
}

bool ProtocolScopes::in_force(const ProtocolRuleState& rule) const {
  return rules_.is_open(rule.scope);
}

MessageVerdict ProtocolScopes::judge(const ProxiedMessage& message) {
  MessageVerdict verdict;
  for (const ProtocolRuleState* state : rules_.evaluate(message)) {
    log(message, state->rule);
    if (state->rule.action == ProtocolAction::kDelay) {
      verdict.delay += state->rule.delay;
      verdict.delay_scopes.push_back(state->scope);
    } else {
      verdict.action = state;
    }
  }
  return verdict;
}

void ProtocolScopes::log(const ProxiedMessage& message, const ProtocolRule& rule) {
  const InterfaceSpec& interface = spec_of(message.target);
  Fields fields = {{"interface", interface.name},
                   {"protocol", interface.protocol},
                   {"action", std::string(protocol_action_name(rule.action))},
                   {"source", source_name(message.source)},
                   {"rule", rule.identity}};
  for (const MessageKey& key : message.keys)
    fields.emplace_back(std::string(key.name), std::string(key.value));
  if (rule.status) fields.emplace_back("status", std::to_string(*rule.status));
  if (rule.message) fields.emplace_back("error", *rule.message);
  if (rule.action == ProtocolAction::kDelay)
    fields.emplace_back(
        "delay_ms",
        std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(rule.delay).count()));
  if (!rule.label.empty()) fields.emplace_back("label", rule.label);
  around_.log.append(message.target.service, EventType::kProxy, around_.clock.now(),
                     std::move(fields));
}

double ProtocolScopes::draw(const MessageVerdict& verdict, InterfaceId target, unsigned k) {
  return rules_.draw(*verdict.action, target, k);
}

void ProtocolScopes::lost_track(InterfaceId target, ServiceId source, std::string_view why) {
  const InterfaceSpec& interface = spec_of(target);
  around_.log.append(target.service, EventType::kProxy, around_.clock.now(),
                     {{"interface", interface.name},
                      {"protocol", interface.protocol},
                      {"action", "pass unread"},
                      {"source", source_name(source)},
                      {"error", std::string(why)}});
}

void ProtocolScopes::unfilterable(InterfaceId target, ServiceId source, std::string_view why) {
  around_.fail(fmt::format(
      "FAULT_NOT_FILTERABLE: the rules on {}.{} cannot be applied to what {} "
      "sends there: {}",
      around_.topology.at(target.service).name, spec_of(target).name, source_name(source), why));
}

}  // namespace fb
