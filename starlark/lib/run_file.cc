#include "starlark/lib/run_file.h"

#include "starlark/eval/interpreter.h"
#include "starlark/eval/thread.h"
#include "starlark/lib/universe.h"

namespace fb::starlark::lib {
namespace {

std::string directory_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? "" : std::string(path.substr(0, slash + 1));
}

}  // namespace

int run_file(const std::string& path, const RunOptions& options, const Sink& out, const Sink& err) {
  auto source = options.read_file(path);
  if (!source.ok()) {
    err(source.error().message + "\n");
    return 1;
  }
  InterpreterOptions interpreter_options;
  interpreter_options.dialect = options.dialect;
  interpreter_options.load =
      [&](Thread&, std::string_view module,
          std::string_view from) -> Result<std::variant<LoadedSource, LoadedValues>> {
    const std::string target =
        module.starts_with('/') ? std::string(module) : directory_of(from) + std::string(module);
    auto text = options.read_file(target);
    if (!text.ok()) return text.error();
    return std::variant<LoadedSource, LoadedValues>(LoadedSource{target, std::move(text).value()});
  };
  Interpreter interpreter(std::move(interpreter_options));
  install_universe(interpreter);
  interpreter.predeclare("json", json_module(interpreter.heap()));
  interpreter.predeclare("math", math_module(interpreter.heap()));
  Thread thread(interpreter);
  thread.print = [&](Thread&, std::string_view line) {
    out(line);
    out("\n");
  };
  thread.set_step_limit(options.step_limit);
  auto ran = interpreter.run(thread, path, source.value());
  if (ran.ok()) return 0;
  err(ran.failure().backtrace() + "\n");
  return 1;
}

}  // namespace fb::starlark::lib
