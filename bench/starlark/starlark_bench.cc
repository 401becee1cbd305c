// What the language costs inside a test: compiling a file (parse, resolve, compile; nothing runs),
// a lambda predicate asked about an event, a monitor called with one, an evaluation of an empty
// file. The first takes the files to compile as arguments; without any it compiles a built-in text.
#include "core/model/event.h"
#include "starlark/eval/interpreter.h"
#include "starlark/eval/thread.h"
#include "starlark/lib/universe.h"
#include "starlark/spec/event_search.h"
#include "starlark/spec/event_value.h"

#include <benchmark/benchmark.h>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace fb {
namespace {

using starlark::Interpreter;
using starlark::InterpreterOptions;
using starlark::Module;
using starlark::Thread;
using starlark::Value;

InterpreterOptions options() {
  InterpreterOptions o;
  o.dialect.recursion = true;
  o.dialect.global_reassign = true;
  o.dialect.freeze_globals = false;  // as in a spec
  return o;
}

struct Language {
  Language() : interpreter(options()) {
    starlark::lib::install_universe(interpreter);
    interpreter.predeclare("json", starlark::lib::json_module(interpreter.heap()));
    interpreter.predeclare("math", starlark::lib::math_module(interpreter.heap()));
    thread.emplace(interpreter);
  }
  // The global of that name after running a file.
  Value global(std::string_view source, std::string_view name) {
    auto module = interpreter.run(*thread, "bench.star", source);
    if (!module.ok()) std::abort();
    return module.value()->find(name);
  }

  Interpreter interpreter;
  std::optional<Thread> thread;
};

Event write_event() {
  Event event;
  event.seq = 7;
  event.type = EventType::kSyscall;
  event.service = "db";
  event.fields = {{"syscall", "write"},  {"path", "/var/lib/db/data.wal"},
                  {"fd", "7"},           {"size", "4096"},
                  {"decision", "allow"}, {"latency_ms", "0"}};
  return event;
}

constexpr std::string_view kFunction = R"(
# One function of a spec: a comment, a doc string, calls with keywords, conditions, a loop.
def check_balance(account, expected = 100, retries = 3, strict = True):
    """Reads the account until it shows what is expected.

    Fails with the last answer when it never does.
    """
    last = None
    for attempt in range(retries):
        response = client.get(path = "/accounts/" + account, timeout = "500ms")
        if response.status == 200 and json.decode(response.body)["balance"] == expected:
            return {"account": account, "attempt": attempt, "ok": True}
        elif strict and response.status >= 500:
            fail("account %s: status %d" % (account, response.status))
        last = response
    return [field for field in (last.status, last.body) if field != None]
)";

std::string& text_to_compile() {
  static std::string text;
  return text;
}

void compile(benchmark::State& state) {
  Language language;
  language.interpreter.predeclare("client", Value::none());
  const std::string& text = text_to_compile();
  for (auto step : state) {
    auto program = language.interpreter.compile("bench.star", text);
    if (!program.ok()) {
      state.SkipWithError(program.failure().backtrace().c_str());
      return;
    }
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}
BENCHMARK(compile)->Unit(benchmark::kMillisecond);

void predicate(benchmark::State& state) {
  Language language;
  const Value lambda =
      language.global("p = lambda e: e.syscall == \"write\" and e.path.endswith(\".wal\")", "p");
  const Event event = write_event();
  for (auto step : state) {
    auto held = spec::call_predicate(*language.thread, lambda, event, nullptr);
    if (!held.ok() || !held.value()) std::abort();
  }
}
BENCHMARK(predicate);

void monitor(benchmark::State& state) {
  Language language;
  const Value function = language.global(R"(
seen = {}
def watch(event):
    key = event.service + "." + event.syscall
    seen[key] = seen.get(key, 0) + 1
    if event.decision == "deny" and int(event.size) > 100:
        fail("denied a large write to", event.path)
)",
                                         "watch");
  const Event event = write_event();
  for (auto step : state) {
    const Value argument = spec::make_event(language.thread->heap(), event);
    if (!language.thread->call(function, std::span(&argument, 1)).ok()) std::abort();
  }
}
BENCHMARK(monitor);

void empty_file(benchmark::State& state) {
  for (auto step : state) {
    Language language;
    if (!language.interpreter.run(*language.thread, "bench.star", "").ok()) std::abort();
  }
}
BENCHMARK(empty_file);

int main_of(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  std::string& text = text_to_compile();
  for (int i = 1; i < argc; ++i) {
    std::ifstream in(argv[i], std::ios::binary);
    std::ostringstream file;
    file << in.rdbuf();
    text += file.str() + "\n";
  }
  if (text.empty()) text = kFunction;
  const std::string once = text;
  while (text.size() < std::size_t{1} << 20) text += once;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace
}  // namespace fb

int main(int argc, char** argv) {
  return fb::main_of(argc, argv);
}
