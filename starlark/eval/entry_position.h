// Where a function that has not started yet is said to stand: errors of binding and the refusal of
// recursion are shown at the first name or operation of its body, or at its `def` when it starts
// with a constant.
#pragma once
#include "starlark/resolve/resolver.h"
#include "starlark/syntax/position.h"

namespace fb::starlark {

Position entry_position(const resolve::Function& function);

}  // namespace fb::starlark
