// An evaluated file of a spec, for what is found by walking its syntax tree.
#pragma once
#include "starlark/eval/value.h"
#include "starlark/syntax/ast.h"

#include <functional>
#include <string_view>

namespace fb::spec {

struct SpecFile {
  const starlark::syntax::File* syntax = nullptr;
  // What a file-level name (own or loaded) is bound to; absent when it is not.
  std::function<starlark::Value(std::string_view name)> value_of;
};

}  // namespace fb::spec
