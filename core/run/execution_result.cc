// What an execution leaves behind: the result that people see and the record that a search learns
// from.
#include "core/run/diagnose.h"
#include "core/run/diagnose_assertions.h"
#include "core/run/diagnose_network.h"
#include "core/run/diagnose_rules.h"
#include "core/run/diagnose_waiting.h"
#include "core/run/execution.h"
#include "core/run/fault_report.h"
#include "core/trace/syscall_summary.h"

namespace fb {

TestResult Execution::result() {
  TestResult result;
  result.name = options_.test;
  result.seed = options_.seed;
  result.started_unix_ns = clock_->epoch_ns();
  result.duration_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_->now() - Instant{}).count();
  result.diagnostics = diagnostics_;
  std::vector<TestFailure> failures;
  for (const Crash& crash : crashes_) {
    // A later kill() or restart() has acknowledged it.
    if (service(crash.service).exit_expected()) continue;
    failures.push_back(crash.failure);
    result.diagnostics.push_back(crash.diagnostic);
  }
  if (failure_) failures.push_back(*failure_);
  if (cancelled_) {
    result.result = Verdict::kCancelled;
  } else if (!failures.empty()) {
    result.result = Verdict::kFail;
    result.reason = failures.front().reason;
    result.failure_type = failures.front().type;
    result.error_detail = failures.front().detail;
    result.error_detail->assertion_type = result.failure_type;
    // A word may have more to say than the reason's one line.
    if (result.error_detail->message.empty()) result.error_detail->message = result.reason;
    for (size_t i = 1; i < failures.size(); ++i)
      result.error_detail->also.push_back(failures[i].reason);
    log_->append(kTestDriver, EventType::kViolation, clock_->now(),
                 {{"test", options_.test}, {"reason", result.reason}});
  }
  result.faults = fault_reports(topology_, *rules_);
  result.protocol_faults = protocol_fault_reports(topology_, protocol_scopes_->rules());
  result.events.assign(log_->events().begin(), log_->events().end());
  result.syscall_summary = syscall_summary(result.events);
  for (const auto& runner : services_) {
    ServiceReport report;
    report.name = runner->spec().name;
    if (const std::optional<ExitState>& exit = runner->exit_state())
      (exit->signalled ? report.signal : report.exit_code) = exit->code;
    report.output_tail = runner->output_tail();
    result.services.push_back(std::move(report));
  }
  result.service_names = topology_.names();
  result.held = held_;
  add_assertion_mismatch(result);
  add_unchecked_errors(result, steps_, options_.controlled || options_.followed);
  add_rules_not_fired(result, *rules_, topology_);
  add_protocol_rules_not_fired(result, protocol_scopes_->rules(), topology_);
  // At a timeout the held calls are its cause, and told as that.
  if (result.failure_type != "timeout") add_holds_left(result);
  add_fault_interaction(result);
  // Ports are looked after only in a network that is shared with the host.
  if (!env_->port_holder) add_network_isolated(result);
  sort_by_level(result.diagnostics);
  return result;
}

ExecutionRecord Execution::take_record() {
  ExecutionRecord record;
  record.steps = scheduler_->steps();
  record.pending = std::move(pending_);
  record.services = topology_.names();
  record.end = cut_.value_or(EndState::kComplete);
  const bool uncounted = record.end == EndState::kRedundant;
  const TestFailure* failure = nullptr;
  if (failure_) failure = &*failure_;
  for (const Crash& crash : crashes_)
    if (!service(crash.service).exit_expected()) failure = &crash.failure;
  if (failure != nullptr && failure->type == "service_start") record.end = EndState::kBroken;
  record.failed = failure != nullptr && !uncounted;
  if (failure != nullptr) {
    record.message = failure->reason;
    // The values an assertion compared may differ from order to order: what failed is where it is.
    record.failure = failure->type + " " + failure->detail.builtin + " " + failure->detail.position;
  }
  record.outcome = record.failed ? "fail: " + record.message + "\n" : "pass\n";
  for (const auto& [actor, results] : step_results_)
    record.outcome += actor_name(actor, record.services) + ": " + results + "\n";
  return record;
}

}  // namespace fb
