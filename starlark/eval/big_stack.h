// Runs a function on a roomy stack of its own: parsing and compiling recurse as deep as a file
// nests, and may be asked for on a fiber whose stack is small.
#pragma once
#include <functional>

namespace fb::starlark {

void on_big_stack(const std::function<void()>& work);

}  // namespace fb::starlark
