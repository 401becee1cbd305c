// A resolved syntax tree to register code.
#pragma once
#include "starlark/eval/program.h"
#include "starlark/syntax/ast.h"
#include "starlark/syntax/dialect.h"

#include <memory>
#include <string>
#include <variant>

namespace fb::starlark {

// The program, without its source yet, or an error for what does not fit the code format (a
// function of 30,000 variables).
std::variant<std::unique_ptr<Program>, Diagnostic> compile(const syntax::File& file,
                                                           const Dialect& dialect);

}  // namespace fb::starlark
