// The parts of a result as JSON values: events, diagnostics, rules and what else the document of
// spec §18.1 is made of. Whoever shows one part only (an event in a report, `check`'s diagnostics)
// uses the same shape.
#pragma once
#include "core/run/test_result.h"
#include "shiviz/json_text.h"

namespace fb {

// `test` gives the names of the clock's hosts and the wall time of Instant{0}.
Json json_of(const Event& event, const TestResult& test);
Json json_of(const Diagnostic& diagnostic);
Json json_of(const FaultReport& fault);
Json json_of(const ProtocolFaultReport& fault);
Json json_of(const std::map<std::string, SyscallCounts>& summary);
Json json_of(const ErrorDetail& detail, const TestResult& test);
Json json_of(const ServiceReport& service);
Json json_of(const HeldReport& held);

}  // namespace fb
