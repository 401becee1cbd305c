// Any program, run with a step limit: no crash, no hang, no leak.
#include "starlark/eval/interpreter.h"
#include "starlark/eval/thread.h"
#include "starlark/lib/universe.h"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fb::starlark;  // NOLINT
  InterpreterOptions options;
  if (size > 0) {
    options.dialect.recursion = (data[0] & 1) != 0;
    options.dialect.while_loops = true;
    options.dialect.top_level_control = true;
    options.dialect.global_reassign = true;
    options.dialect.freeze_globals = (data[0] & 2) != 0;
  }
  options.load = [](Thread&, std::string_view,
                    std::string_view from) -> fb::Result<std::variant<LoadedSource, LoadedValues>> {
    return std::variant<LoadedSource, LoadedValues>(
        LoadedSource{std::string(from) + "x", "assert = 1"});
  };
  Interpreter interpreter(options);
  lib::install_universe(interpreter);
  interpreter.predeclare("json", lib::json_module(interpreter.heap()));
  interpreter.predeclare("math", lib::math_module(interpreter.heap()));
  Thread thread(interpreter);
  thread.print = [](Thread&, std::string_view) {};
  thread.set_step_limit(2000);
  auto ran = interpreter.run(thread, "fuzz.star", {reinterpret_cast<const char*>(data), size});
  if (!ran.ok()) (void)ran.failure().backtrace();
  return 0;
}
