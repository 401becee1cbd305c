// The human report of one test (spec §18.2): header, what failed and how to see it again, the calls
// that rules changed, the rules, the diagnostics. Text for people: every line printable whatever a
// service wrote.
#pragma once
#include "core/run/test_result.h"
#include "core/trace/colour.h"

#include <string>
#include <string_view>

namespace fb {

// With a blank line before the header.
std::string human_test(const TestResult& test, Colour colour);

// The parts that other reports use too; each empty when there is nothing to say.
std::string closest_event_lines(const TestResult& test);
std::string diagnostic_lines(const std::vector<Diagnostic>& diagnostics, Colour colour);

// "PASS", "FAIL", "CANCELLED", in its colour.
std::string verdict_mark(Verdict verdict, Colour colour);

}  // namespace fb
