// What a host allows beyond, or refuses of, the plain language. The defaults are those of a spec
// file.
#pragma once

namespace fb::starlark {

struct Dialect {
  bool while_loops = false;          // `while`
  bool top_level_control = false;    // `if`, `for`, `while` outside functions
  bool global_reassign = false;      // a module-level name may be bound again
  bool recursion = false;            // a function may call itself
  bool set = true;                   // the name `set` is in the universe
  bool load_binds_globally = false;  // loaded names become globals of the loading file
  bool freeze_globals = true;        // the values of a module are frozen when it has run
  bool explain_python = false;       // messages for Python habits name the Starlark form

  bool operator==(const Dialect&) const = default;

  // The dialect of faultbox specs: globals stay mutable, habits of Python are explained.
  static Dialect spec() {
    Dialect dialect;
    dialect.freeze_globals = false;
    dialect.explain_python = true;
    return dialect;
  }
};

}  // namespace fb::starlark
