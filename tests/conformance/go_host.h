// The host side of the public starlark-go test files: load("assert.star", "assert", "freeze"),
// json.star, math.star; predeclared struct, gensym, hasfields, fibonacci.
#pragma once
#include "starlark/eval/interpreter.h"

#include <string>
#include <vector>

namespace fb::conformance {

struct Failures {
  std::vector<std::string> texts;  // of assertions; execution goes on after one
};

starlark::LoadCallback go_loader();
void predeclare_go_names(starlark::Interpreter& interpreter);

}  // namespace fb::conformance
