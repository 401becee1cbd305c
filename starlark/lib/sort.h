// sorted(): stable, keys computed once, fast when all keys are ints or all are strings.
#pragma once
#include "starlark/eval/failure.h"
#include "starlark/eval/value.h"

#include <vector>

namespace fb::starlark::lib {

// Sorts `items` by `keys` (by themselves when there are none). With `reverse` the largest comes
// first and equal items still keep their order.
Outcome sort_values(std::vector<Value>& items, std::vector<Value>& keys, bool reverse);

}  // namespace fb::starlark::lib
