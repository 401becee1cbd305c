// What assertions say about a test, and their absence about a suite (spec §19). Pure.
#pragma once
#include "core/run/test_result.h"

#include <optional>

namespace fb {

// ASSERTION_MISMATCH: expected and actual, the rules that fired before, the closest events.
void add_assertion_mismatch(TestResult& result);

// How the body checked anything.
struct BodyChecks {
  bool asserted = false;  // called an assertion or fail()
  bool monitored = false;
};
// TEST_NO_ASSERTIONS: the test passed and could not have failed.
void add_no_assertions(TestResult& result, BodyChecks checks);

// NO_POSITIVE_CONTROL of a suite that ran as a whole: faults are injected, and no test without any
// scope shows that the steps work when nothing is wrong.
std::optional<Diagnostic> no_positive_control(const SuiteResult& suite);

}  // namespace fb
