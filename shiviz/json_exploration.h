// tests[].exploration of the JSON document (exploration.md §13).
#pragma once
#include "core/run/test_result.h"
#include "shiviz/json_text.h"

namespace fb {

Json json_of(const ExplorationReport& exploration);

}  // namespace fb
