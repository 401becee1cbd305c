#include "core/run/diagnose_rules.h"

#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>

namespace fb {
namespace {

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

// The messages that were asked about, most frequent first.
std::string nearest_messages(const std::map<std::string, uint64_t>& seen) {
  if (seen.empty()) return "no message came to the interface while the rule was in force";
  std::vector<std::pair<std::string, uint64_t>> order(seen.begin(), seen.end());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text = "what came instead: ";
  for (size_t i = 0; i < order.size() && i < 3; ++i)
    text += fmt::format("{}{} ({}x)", i == 0 ? "" : ", ", order[i].first, order[i].second);
  return text;
}

// A rule with all its entries of faults[] as one.
struct FiredRule {
  const FaultReport* first = nullptr;
  uint64_t hits = 0;
  std::vector<std::string> syscalls;
};

std::vector<FiredRule> fired_syscall_rules(const TestResult& result) {
  std::vector<FiredRule> rules;
  for (const FaultReport& fault : result.faults) {
    const auto same = std::find_if(rules.begin(), rules.end(), [&](const FiredRule& rule) {
      return rule.first->service == fault.service && rule.first->rule == fault.rule;
    });
    FiredRule& rule = same == rules.end() ? rules.emplace_back(FiredRule{&fault, 0, {}}) : *same;
    rule.hits += fault.hits;
    rule.syscalls.push_back(fault.syscall);
  }
  std::erase_if(rules, [](const FiredRule& rule) { return rule.hits == 0; });
  return rules;
}

const std::string& key_of(const FaultReport& fault) {
  return fault.op.empty() ? fault.syscall : fault.op;
}

// As a scope to try: `fault(db, write=deny("ENOSPC", path="*.wal"), run=…)`.
std::string scope_of(const FaultReport& fault) {
  std::string argument = fault.action == "deny"    ? quote(fault.error_name)
                         : fault.action == "delay" ? quote(fault.duration)
                                                   : "";
  // The path of an operation belongs to it, not to the action.
  for (const auto& [name, value] : {std::pair{"path", fault.op.empty() ? fault.path : ""},
                                    {"destination", fault.destination},
                                    {"probability", fault.probability},
                                    {"trigger", fault.trigger}}) {
    if (value.empty()) continue;
    argument += fmt::format("{}{}={}", argument.empty() ? "" : ", ", name, quote(value));
  }
  return fmt::format("fault({}, {}={}({}), run=…)", fault.service, key_of(fault), fault.action,
                     argument);
}

std::string scope_of(const ProtocolFaultReport& fault) {
  std::string arguments;
  for (const auto& [name, value] : fault.match)
    arguments += fmt::format("{}{}={}", arguments.empty() ? "" : ", ", name, quote(value));
  return fmt::format("fault({}.{}, {}({}), run=…)", fault.service, fault.interface,
                     fault.action == "respond" ? "response" : fault.action, arguments);
}

// --- errors that nobody checked

std::string_view family_of(const Event& event) {
  const std::optional<SyscallId> call = find_syscall(event.field("syscall"));
  if (!call) return event.field("syscall");
  const SyscallRow& row = row_of(*call);
  return row.family.empty() ? row.name : row.family;
}

std::string_view object_of(const Event& event) {
  return event.has("path") ? event.field("path") : event.field("dest");
}

bool was_made(const Event& event) {
  const std::string_view decision = event.field("decision");
  return !decision.starts_with("deny") && !decision.starts_with("drop") &&
         !decision.starts_with("hold");
}

bool succeeded(const TestResult& result, const StepWindow& step) {
  const Event& answer = result.events[step.received - 1];
  if (result.events[step.sent - 1].field("protocol") != "http") return answer.field("ok") == "true";
  const std::string_view status = answer.field("status");
  return status.size() == 3 && status.front() == '2';
}

struct Unchecked {
  const Event* denial = nullptr;
  const StepWindow* step = nullptr;
};

class UncheckedErrors {
 public:
  UncheckedErrors(const TestResult& result, std::span<const StepWindow> steps, bool by_clock)
      : result_(result), steps_(steps), by_clock_(by_clock) {}

  std::optional<Unchecked> of(const FaultReport& rule) const {
    std::optional<Unchecked> found;
    for (const Event& event : result_.events) {
      if (event.type != EventType::kSyscall || event.service != rule.service ||
          event.field("rule") != rule.rule || !event.field("decision").starts_with("deny"))
        continue;
      for (const StepWindow& step : steps_) {
        if (step.received == 0 || !in_window(result_.events, step, event, by_clock_)) continue;
        // One answer that shows the error is enough: somebody checks it.
        if (!succeeded(result_, step)) return std::nullopt;
        if (!found && !tried_again(event, step)) found = Unchecked{&event, &step};
      }
    }
    return found;
  }

 private:
  bool tried_again(const Event& denial, const StepWindow& step) const {
    return std::any_of(result_.events.begin() + static_cast<ptrdiff_t>(denial.seq),
                       result_.events.end(), [&](const Event& later) {
                         return later.type == EventType::kSyscall &&
                                later.service == denial.service && was_made(later) &&
                                family_of(later) == family_of(denial) &&
                                object_of(later) == object_of(denial) &&
                                in_window(result_.events, step, later, by_clock_);
                       });
  }

  const TestResult& result_;
  std::span<const StepWindow> steps_;
  bool by_clock_;
};

std::string answer_text(const TestResult& result, const StepWindow& step) {
  const Event& sent = result.events[step.sent - 1];
  const Event& answer = result.events[step.received - 1];
  return fmt::format("{}.{} answered {} (#{})", sent.field("target"), sent.field("method"),
                     sent.field("protocol") == "http" ? answer.field("status") : "ok", answer.seq);
}

}  // namespace

void add_rules_not_fired(TestResult& result, const RuleSets& rules, const Topology& topology) {
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

void add_protocol_rules_not_fired(TestResult& result, const ProtocolRuleSets& rules,
                                  const Topology& topology) {
  for (const ProtocolScope& scope : rules.history()) {
    const ServiceSpec& service = topology.at(scope.target.service);
    const std::string& interface = service.interfaces[scope.target.index].name;
    for (const ProtocolRuleState& state : scope.rules) {
      if (state.hits > 0) continue;
      Diagnostic diagnostic{.code = "FAULT_NOT_FIRED"};
      diagnostic.service = service.name;
      diagnostic.message = fmt::format("the rule {}:{} on {} never fired", interface,
                                       state.rule.text(), service.name);
      if (state.matched > 0) {
        diagnostic.level = Diagnostic::Level::kInfo;
        diagnostic.suggestion =
            fmt::format("{} messages matched it; its trigger was not reached or its draws said no",
                        state.matched);
      } else {
        diagnostic.level = Diagnostic::Level::kWarning;
        diagnostic.suggestion = nearest_messages(rules.seen(scope.target));
      }
      result.diagnostics.push_back(std::move(diagnostic));
    }
  }
}

void add_unchecked_errors(TestResult& result, std::span<const StepWindow> steps, bool by_clock) {
  if (result.result != Verdict::kPass) return;
  const UncheckedErrors errors(result, steps, by_clock);
  for (const FiredRule& rule : fired_syscall_rules(result)) {
    if (rule.first->action != "deny") continue;
    const std::optional<Unchecked> found = errors.of(*rule.first);
    if (!found) continue;
    const Event& denial = *found->denial;
    const std::string_view object = object_of(denial);
    Diagnostic diagnostic{.level = Diagnostic::Level::kWarning, .code = "FAULT_FIRED_BUT_SUCCESS"};
    diagnostic.service = denial.service;
    diagnostic.syscall = denial.field("syscall");
    diagnostic.message = fmt::format("{}{}{} failed (#{}) but {}", denial.field("syscall"),
                                     object.empty() ? "" : " of ", object, denial.seq,
                                     answer_text(result, *found->step));
    diagnostic.suggestion = fmt::format(
        "{} does not check the error in that path, or hides it from the caller", denial.service);
    diagnostic.events = {denial.seq, found->step->received};
    result.diagnostics.push_back(std::move(diagnostic));
  }
}

std::vector<std::string> fired_rules(const TestResult& result) {
  std::vector<std::string> lines;
  for (const FiredRule& rule : fired_syscall_rules(result)) {
    // The identity is BRANCH|TEXT|ORDINAL.
    std::string_view text = rule.first->rule;
    text = text.substr(std::min(text.find('|') + 1, text.size()));
    text = text.substr(0, text.rfind('|'));
    lines.push_back(fmt::format("{}: {} ({} hits)", rule.first->service, text, rule.hits));
  }
  for (const ProtocolFaultReport& fault : result.protocol_faults)
    if (fault.hits > 0)
      lines.push_back(fmt::format("{}.{}: {} ({} hits)", fault.service, fault.interface,
                                  fault.action, fault.hits));
  return lines;
}

void add_fault_interaction(TestResult& result) {
  if (result.result != Verdict::kFail) return;
  std::vector<std::string> scopes;
  for (const FiredRule& rule : fired_syscall_rules(result)) scopes.push_back(scope_of(*rule.first));
  for (const ProtocolFaultReport& fault : result.protocol_faults)
    if (fault.hits > 0) scopes.push_back(scope_of(fault));
  if (scopes.size() < 2) return;
  Diagnostic diagnostic{.level = Diagnostic::Level::kInfo, .code = "MULTIPLE_FAULTS_INTERACTION"};
  diagnostic.message = fmt::format("{} fault rules fired in this test: {}", scopes.size(),
                                   join(fired_rules(result), "; "));
  diagnostic.suggestion = "try each alone: " + join(scopes, "; ");
  result.diagnostics.push_back(std::move(diagnostic));
}

}  // namespace fb
