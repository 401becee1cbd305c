#include "core/run/fault_report.h"

#include "core/base/time.h"

namespace fb {
namespace {

uint64_t hits_of(const RuleState& state, const std::vector<SyscallId>& calls) {
  uint64_t hits = 0;
  for (SyscallId call : calls) {
    auto found = state.hits_by_call.find(call);
    if (found != state.hits_by_call.end()) hits += found->second;
  }
  return hits;
}

std::vector<std::string> names_of(const std::vector<SyscallId>& calls) {
  std::vector<std::string> names;
  for (SyscallId call : calls) names.emplace_back(row_of(call).name);
  return names;
}

FaultReport report_of(const std::string& service, const RuleState& state) {
  const FaultRule& rule = state.rule;
  FaultReport report;
  report.service = service;
  if (const auto* deny = std::get_if<DenyAction>(&rule.action)) {
    report.action = "deny";
    report.error_name = deny->error_name;
  } else if (const auto* delay = std::get_if<DelayAction>(&rule.action)) {
    report.action = "delay";
    report.duration = format_duration(delay->duration);
  } else {
    report.action = "hold";
  }
  report.label = rule.label;
  report.op = rule.op;
  if (rule.path)
    report.path = rule.path->text();
  else if (rule.op_path)
    report.path = rule.op_path->text();
  if (rule.destination) report.destination = rule.destination->text;
  if (rule.probability < 1.0) report.probability = format_probability(rule.probability);
  report.trigger = rule.trigger.text();
  report.matched = state.matched;
  report.rule = rule.identity;
  report.applied = rule.applied_text();
  return report;
}

}  // namespace

std::vector<FaultReport> fault_reports(const Topology& topology, const RuleSets& rules) {
  std::vector<FaultReport> reports;
  for (const RuleScope& scope : rules.history()) {
    for (const RuleState& state : scope.rules) {
      if (std::holds_alternative<AllowAction>(state.rule.action)) continue;
      const std::vector<std::string> entries =
          state.rule.op.empty() ? std::vector{state.rule.key} : state.rule.op_syscalls;
      for (const std::string& entry : entries) {
        const std::vector<SyscallId> calls =
            state.rule.op.empty() ? state.rule.filter : expand_family(entry);
        FaultReport report = report_of(topology.at(scope.service).name, state);
        report.syscall = entry;
        report.filter = names_of(calls);
        report.hits = hits_of(state, calls);
        reports.push_back(std::move(report));
      }
    }
  }
  return reports;
}

std::vector<ProtocolFaultReport> protocol_fault_reports(const Topology& topology,
                                                        const ProtocolRuleSets& rules) {
  std::vector<ProtocolFaultReport> reports;
  for (const ProtocolScope& scope : rules.history()) {
    const ServiceSpec& service = topology.at(scope.target.service);
    const InterfaceSpec& interface = service.interfaces[scope.target.index];
    for (const ProtocolRuleState& state : scope.rules)
      reports.push_back({.service = service.name,
                         .interface = interface.name,
                         .protocol = interface.protocol,
                         .action = std::string(protocol_action_name(state.rule.action)),
                         .match = state.rule.match,
                         .source = state.rule.source,
                         .label = state.rule.label,
                         .matched = state.matched,
                         .hits = state.hits});
  }
  return reports;
}

}  // namespace fb
