// Runs a piece of Starlark and tells what came of it.
#pragma once
#include "starlark/eval/interpreter.h"
#include "starlark/eval/thread.h"
#include "starlark/lib/universe.h"

#include <gtest/gtest.h>
#include <string>

namespace fb::starlark {

struct Ran {
  bool ok = false;
  std::string printed;
  std::string backtrace;
  std::string message;
  std::string report;
  Code code = Code::kFailed;
};

class EvalTest : public ::testing::Test {
 protected:
  InterpreterOptions options;
  std::uint64_t step_limit = 0;

  Ran run(const std::string& source) {
    Interpreter interpreter(options);
    lib::install_universe(interpreter);
    interpreter.predeclare("json", lib::json_module(interpreter.heap()));
    Ran ran;
    Thread thread(interpreter);
    thread.print = [&](Thread&, std::string_view line) { ran.printed += std::string(line) + "\n"; };
    thread.set_step_limit(step_limit);
    auto result = interpreter.run(thread, "t.star", source);
    ran.ok = result.ok();
    if (!result.ok()) {
      ran.backtrace = result.failure().backtrace();
      ran.message = result.failure().message();
      ran.report = result.failure().report();
      ran.code = result.failure().code;
    }
    return ran;
  }
  // What print() gave, or the error.
  std::string output(const std::string& source) {
    const Ran ran = run(source);
    return ran.ok ? ran.printed : ran.printed + ran.message;
  }
};

inline std::string repeated(const std::string& text, std::size_t n) {
  std::string out;
  out.reserve(text.size() * n);
  for (std::size_t i = 0; i < n; ++i) out += text;
  return out;
}

}  // namespace fb::starlark
