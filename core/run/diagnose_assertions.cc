#include "core/run/diagnose_assertions.h"

#include "core/base/text.h"
#include "core/run/diagnose_rules.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <string>
#include <vector>

namespace fb {
namespace {

bool has_event(const TestResult& test, std::initializer_list<EventType> types) {
  return std::any_of(test.events.begin(), test.events.end(), [&](const Event& event) {
    return std::find(types.begin(), types.end(), event.type) != types.end();
  });
}

bool opened_fault_scope(const TestResult& test) {
  return has_event(test, {EventType::kFaultApplied, EventType::kProxyFaultApplied});
}
bool opened_any_scope(const TestResult& test) {
  return opened_fault_scope(test) ||
         has_event(test, {EventType::kTraceApplied, EventType::kPartitionApplied});
}

// "api.post (2x), db.send"
std::string steps_text(const TestResult& test) {
  std::map<std::string, int> counts;
  for (const Event& event : test.events)
    if (event.type == EventType::kStepSend)
      ++counts[fmt::format("{}.{}", event.field("target"), event.field("method"))];
  std::vector<std::string> parts;
  for (const auto& [step, count] : counts)
    parts.push_back(count == 1 ? step : fmt::format("{} ({}x)", step, count));
  return join(parts, ", ");
}

}  // namespace

void add_assertion_mismatch(TestResult& result) {
  if (result.result != Verdict::kFail || result.failure_type != "assertion") return;
  Diagnostic diagnostic{.code = "ASSERTION_MISMATCH", .message = result.reason};
  const std::vector<std::string> rules = fired_rules(result);
  diagnostic.suggestion = rules.empty() ? "no fault had fired before"
                                        : "faults that fired before: " + join(rules, "; ");
  if (result.error_detail) {
    diagnostic.position = result.error_detail->position;
    std::vector<std::string> closest;
    for (const ClosestEvent& event : result.error_detail->closest) {
      closest.push_back(fmt::format("#{}: {}", event.seq, event.failed));
      diagnostic.events.push_back(event.seq);
    }
    if (!closest.empty()) diagnostic.suggestion += "; closest events: " + join(closest, ", ");
  }
  result.diagnostics.push_back(std::move(diagnostic));
}

void add_no_assertions(TestResult& result, BodyChecks checks) {
  if (result.result != Verdict::kPass || checks.asserted || checks.monitored) return;
  Diagnostic diagnostic{.level = Diagnostic::Level::kWarning, .code = "TEST_NO_ASSERTIONS"};
  diagnostic.message = fmt::format("{} passed without an assertion or a monitor", result.name);
  const std::string steps = steps_text(result);
  diagnostic.suggestion =
      steps.empty() ? "it sent no step either" : fmt::format("assert what must hold of {}", steps);
  if (opened_any_scope(result))
    diagnostic.suggestion += steps.empty() ? ", only opened scopes" : " under its faults";
  result.diagnostics.push_back(std::move(diagnostic));
}

std::optional<Diagnostic> no_positive_control(const SuiteResult& suite) {
  const TestResult* faulted = nullptr;
  for (const TestResult& test : suite.tests) {
    if (faulted == nullptr && opened_fault_scope(test)) faulted = &test;
    if (!opened_any_scope(test) && has_event(test, {EventType::kStepSend})) return std::nullopt;
  }
  if (faulted == nullptr) return std::nullopt;
  Diagnostic diagnostic{.level = Diagnostic::Level::kWarning, .code = "NO_POSITIVE_CONTROL"};
  diagnostic.message = fmt::format(
      "{} injects faults, and no test sends a step without any fault, trace or partition",
      faulted->name);
  const std::string steps = steps_text(*faulted);
  diagnostic.suggestion =
      fmt::format("add a fault-free test of the same path{}{}", steps.empty() ? "" : ": ", steps);
  return diagnostic;
}

}  // namespace fb
