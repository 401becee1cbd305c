// Results for tests of whatever shows or carries them: one suite written by hand that has a bit of
// everything, and random logs and results that obey the rules of real ones.
#pragma once
#include "core/run/test_result.h"

#include <cstdint>
#include <rapidcheck.h>
#include <string>

namespace fb::testing {

// Four tests: a failed one with faults, a pass, a failed exploration with its passing twin, one
// that was cancelled; bytes that are not UTF-8, line ends and markup in the texts of services.
SuiteResult sample_suite();

// The log of a made-up execution: up to four services and the driver, messages between any of them.
// Clocks come from EventLog.
TestResult random_result(uint64_t seed);

// Any value of every field, valid or not; strings of any bytes.
rc::Gen<TestResult> any_test_result();

}  // namespace fb::testing
