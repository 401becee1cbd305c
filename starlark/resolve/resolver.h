// Names to bindings, before anything runs: every name of a file is found to be a local, a variable
// shared with inner functions, a global, a loaded name or a predeclared one; whatever cannot be is
// an error, and every error of the file is reported.
#pragma once
#include "starlark/syntax/ast.h"
#include "starlark/syntax/dialect.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

namespace fb::starlark::resolve {

enum class Scope : std::uint8_t {
  kUndefined,
  kLocal,        // a register of its function
  kCell,         // a local that inner functions use too
  kFree,         // a variable of an outer function
  kGlobal,       // of the file, visible to who loads it
  kFileLocal,    // a loaded name
  kPredeclared,  // given by the host or the universe
};

struct Binding {
  Scope scope = Scope::kUndefined;
  std::uint32_t index = 0;  // among the locals, free variables, globals, ... of its scope
  syntax::NameNumber number = 0;
  std::string_view name;
  Position first;  // where it is bound first
};

struct Function {
  explicit Function(std::pmr::memory_resource* arena) : locals(arena), free_variables(arena) {}

  std::string_view name;    // "lambda", "<toplevel>"
  std::uint32_t index = 0;  // in Resolution::functions
  Position position;        // of the def or lambda
  std::span<syntax::Parameter> parameters;
  syntax::Block body;                         // of a def or file
  syntax::Expr* result = nullptr;             // of a lambda
  std::pmr::vector<Binding*> locals;          // parameters first (*args, **kwargs after the others)
  std::pmr::vector<Binding*> free_variables;  // bindings of the enclosing function
  std::uint32_t positional = 0;               // parameters before any *
  std::uint32_t keyword_only = 0;
  bool has_args = false;
  bool has_kwargs = false;
};

// Lives in the arena of its File.
struct Resolution {
  explicit Resolution(std::pmr::memory_resource* arena) : bindings(arena), functions(arena) {}

  std::pmr::deque<Binding> bindings;
  std::pmr::deque<Function> functions;
  Function* toplevel = nullptr;
  std::vector<Binding*> globals;              // in order of definition
  std::vector<Binding*> file_locals;          // loaded names
  std::vector<std::string_view> predeclared;  // those the file uses, by index
};

// What is known besides the file's own names.
struct Environment {
  std::function<bool(std::string_view name)> is_predeclared;
  std::vector<std::string> names;  // for suggestions in the explaining dialect; may be empty
};

// Resolves in place (file.resolution, bindings of names). Returns every error, in the order found;
// undefined names come last.
std::vector<Diagnostic> resolve(syntax::File& file, const Environment& environment,
                                const Dialect& dialect);

}  // namespace fb::starlark::resolve
