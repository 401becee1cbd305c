// What a test waited for when it timed out, and which calls it left waiting (spec §19). Pure.
#pragma once
#include "core/run/step_window.h"
#include "core/run/test_result.h"
#include "core/trace/event_log.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fb {

// What is known at the moment of a body's timeout.
struct TimedOut {
  const EventLog& log;
  std::span<const StepWindow> steps;
  bool by_clock = false;
  uint64_t hits = 0;  // of all rules
  std::span<const HeldReport> held;
  struct Blocked {
    std::string service;
    std::vector<std::string> calls;  // what its threads wait in
  };
  std::span<const Blocked> services;
};
// TIMEOUT_DURING_FAULT when a hold waits or a rule fired inside a pending step's window,
// TIMEOUT_NO_FAULT_FIRED when no rule fired; in between faults are part of the story, but not of
// its end.
std::optional<Diagnostic> timeout_diagnostic(const TimedOut& timeout);

// HOLD_LEFT when the test ended with held calls.
void add_holds_left(TestResult& result);

}  // namespace fb
