// One evaluation of a root file and everything it loads: the heap, the modules, what is
// predeclared. A test execution owns one Interpreter; nothing survives it except compiled code,
// which the CodeCache keeps by path and content, so that thousands of executions of one spec
// compile it once.
//
//   CodeCache cache;                                    // lives for the whole process
//   Interpreter interpreter({.dialect = Dialect::spec(), .cache = &cache, .load = resolve_load});
//   universe::install(interpreter);                     // len, range, sorted, ... (lib/universe.h)
//   interpreter.predeclare(kDelay);                     // the host's own words
//   Thread thread(interpreter);
//   Module* spec = FB_TRY(interpreter.run(thread, "spec.star", source));
//   for (const auto& global : spec->globals()) ...      // in definition order
//   Outcome result = thread.call(spec->find("test_x"));
#pragma once
#include "core/base/result.h"
#include "starlark/eval/builtin.h"
#include "starlark/eval/failure.h"
#include "starlark/eval/heap.h"
#include "starlark/eval/thread.h"
#include "starlark/eval/value.h"
#include "starlark/syntax/dialect.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace fb::starlark {

class Interpreter;
class Program;  // eval/program.h: one compiled file, immutable
struct LoadSite;
struct EvaluationState;
namespace syntax {
struct File;
}

// One run of one file.
class Module {
 public:
  struct Global {
    std::string name;
    Value value;
  };
  const std::string& path() const { return path_; }
  const Program& program() const { return *program_; }
  // Bound globals in order of definition (loaded names are not among them).
  std::vector<Global> globals() const;
  // The global of that name, or the absent Value.
  Value find(std::string_view name) const;
  ~Module();

 private:
  friend class Interpreter;
  friend struct Vm;
  Module(Interpreter& interpreter, std::shared_ptr<const Program> program);

  Interpreter& interpreter_;
  std::string path_;
  std::shared_ptr<const Program> program_;
  std::vector<Value> slots_;        // globals, by index
  std::vector<Value> predeclared_;  // names from outside that the file uses
};

// What a load() string leads to.
struct LoadedSource {
  std::string path;  // canonical: a file runs once per evaluation however it is spelled
  std::string source;
};
using LoadedValues = std::vector<std::pair<std::string, Value>>;  // a module the host makes itself
using LoadCallback = std::function<Result<std::variant<LoadedSource, LoadedValues>>(
    Thread& thread, std::string_view module, std::string_view from_path)>;

// Compiled files by path, content, dialect and predeclared names.
class CodeCache {
 public:
  CodeCache();
  ~CodeCache();
  CodeCache(const CodeCache&) = delete;
  CodeCache& operator=(const CodeCache&) = delete;
  std::size_t size() const { return programs_.size(); }

 private:
  friend class Interpreter;
  std::map<std::string, std::shared_ptr<const Program>, std::less<>> programs_;
};

struct InterpreterOptions {
  Dialect dialect;
  CodeCache* cache = nullptr;  // optional
  LoadCallback load;           // without it load() fails
  bool keep_syntax = false;    // Program::syntax() stays for tools
};

class Interpreter {
 public:
  explicit Interpreter(InterpreterOptions options);
  ~Interpreter();
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;

  Heap& heap() { return heap_; }
  const Dialect& dialect() const { return options_.dialect; }

  // Names every file sees unless it binds them itself. Call before the first run.
  void predeclare(const BuiltinDef& def);
  void predeclare(std::string_view name, Value value);

  // Runs a file (and what it loads). The Module lives as long as the Interpreter; on a Failure
  // modules() still has what was bound until then.
  Fallible<Module*> run(Thread& thread, std::string_view path, std::string_view source);

  // Parses, resolves and compiles without running; uses the cache.
  Fallible<std::shared_ptr<const Program>> compile(std::string_view path, std::string_view source);

  // Every module run so far, in order of completion (or failure).
  const std::vector<Module*>& modules() const { return order_; }

  // Whatever the host wants to find again in its builtins.
  void* host_data = nullptr;
  template <class T>
  T* host() const {
    return static_cast<T*>(host_data);
  }

  // A global of faultbox may be a function: what tools want to know about one.
  struct FunctionInfo {
    std::string name;
    std::string doc;
    Location location;
    std::size_t parameters = 0;  // without *args and **kwargs
    bool variadic = false;       // has *args
  };
  static std::optional<FunctionInfo> describe(const Value& function);

 private:
  friend struct Vm;

  Outcome load(Thread& thread, const LoadSite& site, Module& from);
  Outcome execute(Thread& thread, Module& module);
  std::string cache_key(std::string_view path, std::string_view source);
  std::string cycle_text(const std::string& path) const;
  const std::unordered_map<std::string_view, std::size_t>& predeclared_map();

  InterpreterOptions options_;
  Heap heap_;
  std::vector<std::pair<Symbol, Value>> predeclared_;
  std::unordered_map<std::string_view, std::size_t> predeclared_map_;
  std::string names_key_;
  std::vector<std::unique_ptr<Module>> modules_;
  std::vector<Module*> order_;
  std::unique_ptr<EvaluationState> state_;
};

// Makes a value and everything it reaches immutable.
void freeze(const Value& value);

}  // namespace fb::starlark
