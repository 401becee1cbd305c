// starlark_conformance DIR: runs test data of the public Starlark projects, in the layout of
// shared/conformance/starlark, and ends with `N passed, M failed`, naming each failure before.
#include "starlark/eval/interpreter.h"
#include "starlark/lib/universe.h"
#include "starlark/resolve/resolver.h"
#include "starlark/syntax/parser.h"
#include "tests/conformance/chunks.h"
#include "tests/conformance/go_host.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <sstream>
#include <string>
#include <vector>

namespace fb::conformance {
namespace {

using namespace starlark;  // NOLINT: this file is a host
namespace fs = std::filesystem;

constexpr std::uint64_t kStepLimit = 50'000'000;

class Tally {
 public:
  void pass() { ++passed_; }
  void fail(const std::string& where, const std::string& why) {
    ++failed_;
    fmt::print("FAIL {}\n", where);
    std::istringstream lines(why);
    for (std::string line; std::getline(lines, line);) fmt::print("    {}\n", line);
  }
  void skip(const std::string& what) { fmt::print("SKIP {}\n", what); }
  // An empty `why` is a pass.
  void take(const std::string& where, const std::string& why) {
    why.empty() ? pass() : fail(where, why);
  }
  int finish() const {
    fmt::print("{} passed, {} failed\n", passed_, failed_);
    return failed_ == 0 ? 0 : 1;
  }

 private:
  int passed_ = 0;
  int failed_ = 0;
};

std::string place(const Chunk& chunk) {
  return fmt::format("{}:{}", chunk.file, chunk.line);
}

std::vector<std::string> star_files(const fs::path& directory) {
  std::vector<std::string> files;
  if (!fs::is_directory(directory)) return files;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() == ".star") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Dialect dialect_of(const Chunk& chunk) {
  Dialect dialect;
  dialect.while_loops = chunk.has_option("while");
  dialect.top_level_control = chunk.has_option("toplevelcontrol");
  dialect.global_reassign = chunk.has_option("globalreassign");
  dialect.load_binds_globally = chunk.has_option("loadbindsglobally");
  dialect.recursion = chunk.has_option("recursion");
  return dialect;
}

using Errors = std::vector<std::pair<std::size_t, std::string>>;  // line, message

// Each expected error must come, and no other.
std::string compare_errors(const Chunk& chunk, const Errors& got) {
  std::string why;
  auto expected = chunk.expected;
  for (const auto& [line, message] : got) {
    const auto wanted = expected.find(line);
    if (wanted == expected.end()) {
      why += fmt::format("line {}: unexpected error: {}\n", line, message);
    } else {
      if (!matches(wanted->second, message)) {
        why += fmt::format("line {}: got {}\n  want match of {}\n", line, message, wanted->second);
      }
      expected.erase(wanted);
    }
  }
  for (const auto& [line, pattern] : expected) {
    why += fmt::format("line {}: no error, want one matching {}\n", line, pattern);
  }
  return why;
}

Errors errors_of(const Failure& failure, const std::string& file) {
  Errors errors;
  for (const Diagnostic& d : failure.diagnostics) errors.emplace_back(d.position.line, d.message);
  if (!failure.diagnostics.empty()) return errors;
  for (auto frame = failure.stack.rbegin(); frame != failure.stack.rend(); ++frame) {
    if (frame->location.file == file) {
      return {{frame->location.position.line, failure.message()}};
    }
  }
  return {{0, failure.message()}};
}

std::string run_go_chunk(const Chunk& chunk) {
  InterpreterOptions options;
  options.dialect = dialect_of(chunk);
  options.load = go_loader();
  Interpreter interpreter(std::move(options));
  lib::install_universe(interpreter);
  predeclare_go_names(interpreter);
  Failures failures;
  interpreter.host_data = &failures;
  Thread thread(interpreter);
  thread.print = [](Thread&, std::string_view) {};
  thread.set_step_limit(kStepLimit);
  auto ran = interpreter.run(thread, chunk.file, chunk.source);
  std::string why =
      compare_errors(chunk, ran.ok() ? Errors{} : errors_of(ran.failure(), chunk.file));
  for (const std::string& text : failures.texts) why += text + "\n";
  return why;
}

std::string run_syntax_chunk(const Chunk& chunk) {
  auto parsed = syntax::parse(chunk.file, chunk.source);
  Errors errors;
  if (const auto* d = std::get_if<Diagnostic>(&parsed))
    errors.emplace_back(d->position.line, d->message);
  return compare_errors(chunk, errors);
}

std::string run_resolve_chunk(const Chunk& chunk) {
  auto parsed = syntax::parse(chunk.file, chunk.source);
  if (const auto* d = std::get_if<Diagnostic>(&parsed)) return "syntax: " + d->message;
  resolve::Environment environment;
  environment.is_predeclared = [](std::string_view name) {
    return name == "M" || name == "U" || name == "float";
  };
  Errors errors;
  for (const Diagnostic& d :
       resolve::resolve(*std::get<0>(parsed), environment, dialect_of(chunk))) {
    errors.emplace_back(d.position.line, d.message);
  }
  return compare_errors(chunk, errors);
}

std::string parse_only(const std::string& path) {
  auto parsed = syntax::parse(path, read_text(path));
  if (const auto* d = std::get_if<Diagnostic>(&parsed)) {
    return Location{path, d->position}.str() + ": " + d->message;
  }
  return "";
}

constexpr std::string_view kPrelude =
    "def assert_eq(x, y):\n"
    "  if x != y:\n"
    "    print(\"%r != %r\" % (x, y))\n"
    "\n"
    "def assert_ne(x, y):\n"
    "  if x == y:\n"
    "    print(\"%r == %r\" % (x, y))\n"
    "\n"
    "def assert_(cond, msg=\"assertion failed\"):\n"
    "  if not cond:\n"
    "    print(msg)\n"
    "\n";

std::string run_bazel_chunk(const Chunk& chunk) {
  // What must be in the output: `### text`, or `### go: text`; other tags are for others.
  std::string wanted;
  bool must_fail = false;
  for (const auto& [line, pattern] : chunk.expected) {
    if (pattern.starts_with("java:") || pattern.starts_with("rust:")) continue;
    wanted = pattern.starts_with("go:") ? pattern.substr(3) : pattern;
    while (!wanted.empty() && wanted.front() == ' ') wanted.erase(0, 1);
    while (!wanted.empty() && wanted.back() == ' ') wanted.pop_back();
    must_fail = true;
  }
  InterpreterOptions options;
  options.dialect.top_level_control = true;
  options.dialect.global_reassign = true;
  Interpreter interpreter(std::move(options));
  lib::install_universe(interpreter);
  Thread thread(interpreter);
  std::string output;
  thread.print = [&](Thread&, std::string_view line) { output += std::string(line) + "\n"; };
  thread.set_step_limit(kStepLimit);
  auto ran = interpreter.run(thread, chunk.file, std::string(kPrelude) + chunk.text);
  if (!ran.ok()) output += ran.failure().backtrace() + "\n";
  if (!must_fail) return output;
  if (ran.ok()) return fmt::format("succeeded, want failure: {}", wanted);
  const auto lower = [](std::string text) {
    for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return text;
  };
  if (lower(output).find(lower(wanted)) != std::string::npos || matches(wanted, output, true))
    return "";
  return fmt::format("got {}\nwant {}", output, wanted);
}

// Chunks that carry what print gave and the whole report.
std::string run_message_chunk(const Chunk& chunk) {
  std::string source, want_print, want_error;
  std::istringstream lines(chunk.text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#print ")) {
      want_print += line.substr(7) + "\n";
    } else if (line.starts_with("#> ")) {
      want_error += line.substr(3) + "\n";
    } else {
      source += line + "\n";
    }
  }
  Interpreter interpreter(InterpreterOptions{});
  lib::install_universe(interpreter);
  Thread thread(interpreter);
  std::string printed;
  thread.print = [&](Thread&, std::string_view line) { printed += std::string(line) + "\n"; };
  auto ran = interpreter.run(thread, "t.star", source);
  const std::string error = ran.ok() ? "" : ran.failure().backtrace() + "\n";
  std::string why;
  if (printed != want_print) why += fmt::format("printed:\n{}want:\n{}", printed, want_print);
  if (error != want_error) why += fmt::format("got:\n{}want:\n{}", error, want_error);
  return why;
}

int run(const fs::path& root) {
  Tally tally;
  const auto each_chunk = [&](const fs::path& directory, std::string (*test)(const Chunk&)) {
    for (const std::string& file : star_files(directory)) {
      if (fs::path(file).filename() == "time.star") {
        tally.skip(file + ": no time module (a wall clock would break determinism)");
        continue;
      }
      for (const Chunk& chunk : read_chunks(file)) tally.take(place(chunk), test(chunk));
    }
  };
  each_chunk(root / "starlark-go" / "syntax", run_syntax_chunk);
  each_chunk(root / "starlark-go" / "resolve", run_resolve_chunk);
  for (const char* part : {"starlark", "starlarkstruct", "eval", "lib"}) {
    each_chunk(root / "starlark-go" / part, run_go_chunk);
  }
  for (const fs::path& part : {root / "starlark-go" / "parse-only", root / "parse-corpus"}) {
    for (const std::string& file : star_files(part)) tally.take(file, parse_only(file));
  }
  for (const char* part : {"go", "java", "rust"}) {
    each_chunk(root / "bazelbuild-starlark" / part, run_bazel_chunk);
  }
  each_chunk(root / "own", run_message_chunk);
  return tally.finish();
}

}  // namespace
}  // namespace fb::conformance

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: starlark_conformance DIR\n");
    return 2;
  }
  if (!std::filesystem::is_directory(argv[1])) {
    fmt::print("SKIPPED: no conformance data at {} (nothing was tested)\n", argv[1]);
    return 77;
  }
  return fb::conformance::run(argv[1]);
}
