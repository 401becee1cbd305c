// Which names of a file are bound where: enough to tell whether a use of `db` or `fault` means the
// file-level or predeclared one. Works on positions, so that a plain walk over the tree can ask.
#pragma once
#include "starlark/syntax/ast.h"

#include <set>
#include <string_view>
#include <vector>

namespace fb::spec {

class NameScopes {
 public:
  explicit NameScopes(const starlark::syntax::File& file);

  // Whether a function, lambda or comprehension around the use binds the name.
  bool local(const starlark::syntax::IdentExpr& use) const;
  // Whether the file binds it, by assignment, def or load.
  bool bound_by_file(std::string_view name) const { return globals_.contains(name); }
  // Begin offset of the innermost function or lambda around an offset; nothing is ~0.
  uint32_t function_around(uint32_t offset) const;

 private:
  struct Scope {
    uint32_t begin = 0, end = 0;
    bool function = false;  // else a comprehension
    std::set<std::string_view> names;
  };
  std::vector<Scope> scopes_;
  std::set<std::string_view> globals_;
};

}  // namespace fb::spec
