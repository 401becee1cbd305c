// What `faultbox check` finds in a spec that loads (cli.md §4): errors in calls whose arguments are
// literal, wherever they stand, found by evaluating those calls; and what the suite lacks. Starts
// nothing.
#pragma once
#include "core/run/test_result.h"
#include "starlark/spec/check_input.h"

#include <vector>

namespace fb::spec {

std::vector<Diagnostic> check_spec(const CheckInput& input);

}  // namespace fb::spec
