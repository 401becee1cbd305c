#include "core/run/diagnose.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace fb {
namespace {

std::string indent(const std::string& text) {
  std::string out = "  ";
  for (size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] == '\n' && i + 1 < text.size()) out += "  ";
  }
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

bool fired(std::string_view decision) {
  return decision.starts_with("deny") || decision.starts_with("delay") ||
         decision.starts_with("hold");
}

// The calls of the rule's kind that the service did make, most frequent first.
std::string nearest_calls(const TestResult& result, const FaultRule& rule,
                          const std::string& service) {
  std::map<std::string, uint64_t> seen;
  for (const Event& event : result.events) {
    if (event.type != EventType::kSyscall || event.service != service) continue;
    const std::optional<SyscallId> call = find_syscall(event.field("syscall"));
    if (!call || !rule.calls.contains(*call)) continue;
    std::string what(event.field("syscall"));
    if (event.has("path")) what += fmt::format(" {}", event.field("path"));
    if (event.has("dest")) what += fmt::format(" to {}", event.field("dest"));
    ++seen[what];
  }
  if (seen.empty())
    return fmt::format("{} made no call of {} while the rule was in force or at any other time",
                       service, rule.key);
  std::vector<std::pair<std::string, uint64_t>> order(seen.begin(), seen.end());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text = "the nearest calls it made: ";
  for (size_t i = 0; i < order.size() && i < 3; ++i)
    text += fmt::format("{}{} ({}x)", i == 0 ? "" : ", ", order[i].first, order[i].second);
  return text;
}

}  // namespace

std::string quoted_tail(const std::string& tail) {
  return tail.empty() ? "" : "; last output:\n" + indent(tail);
}

std::string format_duration_coarse(Duration duration) {
  const int64_t second = 1'000'000'000;
  if (duration.count() % second == 0) return fmt::format("{}s", duration.count() / second);
  return format_duration(duration);
}

Diagnostic crash_diagnostic(const std::string& service, const ExitState& state,
                            const std::string& tail, const EventLog& log) {
  Diagnostic diagnostic{.code = "SERVICE_CRASHED"};
  diagnostic.service = service;
  diagnostic.message =
      fmt::format("service \"{}\" ended: {}{}", service, state.text(), quoted_tail(tail));
  const Event* last_fault = nullptr;
  for (const Event& event : log.events())
    if (event.type == EventType::kSyscall && event.service == service &&
        fired(event.field("decision")))
      last_fault = &event;
  if (last_fault == nullptr) {
    diagnostic.suggestion = "no fault had fired on it";
  } else {
    diagnostic.suggestion = fmt::format("the last fault that fired on it: #{} {} {} {}",
                                        last_fault->seq, last_fault->field("syscall"),
                                        last_fault->field("decision"), last_fault->field("path"));
    diagnostic.events = {last_fault->seq};
  }
  return diagnostic;
}

Diagnostic timeout_diagnostic(const Scheduler& scheduler, const RuleSets& rules) {
  const std::vector<HeldCall> held = scheduler.held(std::nullopt);
  if (!held.empty()) {
    std::string who;
    for (const HeldCall& call : held)
      who +=
          fmt::format("{}{} {} [{}]", who.empty() ? "" : ", ", call.syscall, call.path, call.tag);
    return {.code = "TIMEOUT_DURING_FAULT",
            .message = "the test timed out while calls were held: " + who,
            .suggestion = "release() them, or close the scope that holds them"};
  }
  uint64_t hits = 0;
  for (const RuleScope& scope : rules.history())
    for (const RuleState& state : scope.rules) hits += state.hits;
  if (hits > 0)
    return {.code = "TIMEOUT_DURING_FAULT",
            .message = fmt::format("the test timed out after faults had fired {} times", hits),
            .suggestion = "look for a call that is retried without end or without a limit"};
  return {.code = "TIMEOUT_NO_FAULT_FIRED",
          .message = "the test timed out and no fault had fired",
          .suggestion = "faults are not the cause; see what each service waits for"};
}

void add_rule_diagnostics(TestResult& result, const RuleSets& rules, const Topology& topology) {
  for (const RuleScope& scope : rules.history()) {
    const std::string& service = topology.at(scope.service).name;
    for (const RuleState& state : scope.rules) {
      if (state.hits > 0 || std::holds_alternative<AllowAction>(state.rule.action)) continue;
      Diagnostic diagnostic{.code = "FAULT_NOT_FIRED"};
      diagnostic.service = service;
      diagnostic.syscall = state.rule.key;
      diagnostic.message = fmt::format("the rule {}={} on {} never fired", state.rule.key,
                                       state.rule.text(), service);
      if (state.matched > 0) {
        diagnostic.level = Diagnostic::Level::kInfo;
        diagnostic.suggestion = fmt::format(
            "{} calls matched it; its trigger was not reached or its draws said no", state.matched);
      } else {
        diagnostic.level = Diagnostic::Level::kWarning;
        diagnostic.suggestion = nearest_calls(result, state.rule, service);
      }
      result.diagnostics.push_back(std::move(diagnostic));
    }
  }
}

void sort_diagnostics(std::vector<Diagnostic>& diagnostics) {
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.level < b.level; });
}

}  // namespace fb
