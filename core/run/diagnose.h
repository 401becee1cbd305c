// SERVICE_CRASHED, and the texts that reports of failures share (spec §19). What rules, waiting and
// assertions say stands in diagnose_rules.h, diagnose_waiting.h and diagnose_assertions.h.
#pragma once
#include "core/run/test_result.h"
#include "core/runtime/launcher.h"
#include "core/trace/event_log.h"

#include <string>

namespace fb {

// SERVICE_CRASHED: how it ended, the last fault that fired on it and how long before, its last
// lines.
Diagnostic crash_diagnostic(const std::string& service, const ExitState& state,
                            const std::string& tail, const EventLog& log, Instant now);

// "; last output:\n  line…", or "" when there is none.
std::string quoted_tail(const std::string& tail);
// As reasons show limits: "60s", "1m30s" becomes "90s" when whole seconds, else format_duration.
std::string format_duration_coarse(Duration duration);

}  // namespace fb
