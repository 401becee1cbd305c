// Diagnostics: what a failed or suspicious run means and what to look at next (spec §19).
#pragma once
#include "core/model/topology.h"
#include "core/run/test_result.h"
#include "core/runtime/launcher.h"
#include "core/sched/rule_set.h"
#include "core/sched/scheduler.h"
#include "core/trace/event_log.h"

#include <string>
#include <string_view>
#include <vector>

namespace fb {

// SERVICE_CRASHED: how it ended, the last fault that fired on it, its last lines.
Diagnostic crash_diagnostic(const std::string& service, const ExitState& state,
                            const std::string& tail, const EventLog& log);
// TIMEOUT_DURING_FAULT when a hold waits or a rule fired, else TIMEOUT_NO_FAULT_FIRED.
Diagnostic timeout_diagnostic(const Scheduler& scheduler, const RuleSets& rules);
// FAULT_NOT_FIRED for every rule without hits.
void add_rule_diagnostics(TestResult& result, const RuleSets& rules, const Topology& topology);
// Errors, warnings, infos; within a level in the order found.
void sort_diagnostics(std::vector<Diagnostic>& diagnostics);

// "; last output:\n  line…", or "" when there is none.
std::string quoted_tail(const std::string& tail);
// As reasons show limits: "60s", "1m30s" becomes "90s" when whole seconds, else format_duration.
std::string format_duration_coarse(Duration duration);

}  // namespace fb
