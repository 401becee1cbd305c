// The lines of the human report that an exploration adds (exploration.md §7, §14).
#pragma once
#include "core/run/test_result.h"

#include <string>

namespace fb {

// What stands in the header's parentheses; empty for a report without a search (a single replay).
std::string exploration_header(const TestResult& test);
// Size of the counterexample, racing pair, critical decision, nearest passing schedule.
std::string counterexample_lines(const ExplorationReport& exploration);
// Levels reached and what the search covered.
std::string coverage_lines(const ExplorationReport& exploration);

}  // namespace fb
