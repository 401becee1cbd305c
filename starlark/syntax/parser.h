// Source text to a syntax tree. The first error is the result's error; nesting is limited (with a
// clear message) so that no input can exhaust the stack.
#pragma once
#include "core/base/result.h"
#include "starlark/syntax/ast.h"
#include "starlark/syntax/dialect.h"
#include "starlark/syntax/position.h"

#include <memory>
#include <string>
#include <variant>

namespace fb::starlark::syntax {

// The file, or the first error. Needs kMaxNesting * about a KiB of stack: on a fiber call it
// through on_big_stack().
std::variant<std::unique_ptr<File>, Diagnostic> parse(std::string path, std::string source,
                                                      const Dialect& dialect = {});

}  // namespace fb::starlark::syntax
