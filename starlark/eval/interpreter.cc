#include "starlark/eval/interpreter.h"

#include "starlark/eval/big_stack.h"
#include "starlark/eval/compiler.h"
#include "starlark/eval/interpreter_state.h"
#include "starlark/eval/objects.h"
#include "starlark/eval/program.h"
#include "starlark/eval/text.h"
#include "starlark/resolve/resolver.h"
#include "starlark/syntax/parser.h"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>

namespace fb::starlark {

CodeCache::CodeCache() = default;
CodeCache::~CodeCache() = default;

Module::Module(Interpreter& interpreter, std::shared_ptr<const Program> program)
    : interpreter_(interpreter), path_(program->path()), program_(std::move(program)) {
  slots_.resize(program_->globals.size());
}
Module::~Module() = default;

std::vector<Module::Global> Module::globals() const {
  std::vector<Global> found;
  for (std::size_t i = 0; i < program_->exported; ++i) {
    if (!slots_[i].absent()) found.push_back({program_->globals[i], slots_[i]});
  }
  return found;
}

Value Module::find(std::string_view name) const {
  for (std::size_t i = 0; i < program_->exported; ++i) {
    if (program_->globals[i] == name) return slots_[i];
  }
  return Value();
}

Interpreter::Interpreter(InterpreterOptions options)
    : options_(std::move(options)), state_(std::make_unique<EvaluationState>()) {
  reset_symbol_counts();
}

Interpreter::~Interpreter() {
  // Values before the heap that owns them.
  state_.reset();
  modules_.clear();
  predeclared_.clear();
}

void Interpreter::predeclare(const BuiltinDef& def) {
  predeclare(def.name, builtin_value(def));
}

void Interpreter::predeclare(std::string_view name, Value value) {
  const Symbol symbol(name);
  for (auto& [known, old] : predeclared_) {
    if (known == symbol) {
      old = std::move(value);
      return;
    }
  }
  predeclared_.emplace_back(symbol, std::move(value));
  predeclared_map_.clear();
}

const std::unordered_map<std::string_view, std::size_t>& Interpreter::predeclared_map() {
  if (predeclared_map_.empty()) {
    for (std::size_t i = 0; i < predeclared_.size(); ++i) {
      predeclared_map_.emplace(predeclared_[i].first.name(), i);
    }
  }
  return predeclared_map_;
}

namespace {

Raised diagnosed(FailureClass kind, std::string_view path, std::vector<Diagnostic> diagnostics) {
  auto failure = std::make_unique<Failure>();
  failure->kind = kind;
  failure->code = Code::kInvalid;
  failure->file = std::string(path);
  failure->text = diagnostics.front().message;
  failure->diagnostics = std::move(diagnostics);
  failure->located = true;
  return Raised(std::move(failure));
}

}  // namespace

std::string Interpreter::cache_key(std::string_view path, std::string_view source) {
  if (names_key_.empty()) {
    std::vector<std::string_view> names;
    for (const auto& [name, value] : predeclared_) names.push_back(name.name());
    std::sort(names.begin(), names.end());
    std::string joined;
    for (std::string_view name : names) {
      joined += name;
      joined += ',';
    }
    const Dialect& d = options_.dialect;
    for (bool option : {d.while_loops, d.top_level_control, d.global_reassign, d.recursion, d.set,
                        d.load_binds_globally, d.explain_python, options_.keep_syntax}) {
      joined += option ? '1' : '0';
    }
    names_key_ = std::move(joined);
  }
  std::string key(path);
  key += '\0';
  key += names_key_;
  key += '\0';
  key += source;
  return key;
}

Fallible<std::shared_ptr<const Program>> Interpreter::compile(std::string_view path,
                                                              std::string_view source) {
  std::string key;
  if (options_.cache != nullptr) {
    key = cache_key(path, source);
    if (auto known = options_.cache->programs_.find(key);
        known != options_.cache->programs_.end()) {
      return known->second;
    }
  }
  std::optional<Raised> problem;
  std::shared_ptr<const Program> program;
  on_big_stack([&] {
    auto parsed = syntax::parse(std::string(path), std::string(source), options_.dialect);
    if (auto* error = std::get_if<Diagnostic>(&parsed)) {
      problem = diagnosed(FailureClass::kSyntax, path, {*error});
      return;
    }
    std::shared_ptr<syntax::File> file = std::move(std::get<0>(parsed));
    const auto& known = predeclared_map();
    resolve::Environment environment;
    environment.is_predeclared = [&](std::string_view name) { return known.contains(name); };
    if (options_.dialect.explain_python) {
      for (const auto& [name, value] : predeclared_) environment.names.emplace_back(name.name());
    }
    auto errors = resolve::resolve(*file, environment, options_.dialect);
    if (!errors.empty()) {
      problem = diagnosed(FailureClass::kResolve, path, std::move(errors));
      return;
    }
    auto compiled = starlark::compile(*file, options_.dialect);
    if (auto* error = std::get_if<Diagnostic>(&compiled)) {
      problem = diagnosed(FailureClass::kResolve, path, {*error});
      return;
    }
    auto& made = std::get<0>(compiled);
    if (options_.keep_syntax) {
      made->source_ = file->source;
      made->syntax_ = std::move(file);
    } else {
      made->source_ = std::move(file->source);
    }
    program = std::move(made);
  });
  if (problem) return *std::move(problem);
  if (options_.cache != nullptr) options_.cache->programs_.emplace(std::move(key), program);
  return program;
}

std::optional<Interpreter::FunctionInfo> Interpreter::describe(const Value& function) {
  const auto* f = function.as<Function>();
  if (f == nullptr) return std::nullopt;
  const FunctionCode& code = f->code;
  return FunctionInfo{std::string(code.name), std::string(code.doc),
                      Location{code.program->path(), code.position}, code.fixed(), code.has_args};
}

}  // namespace fb::starlark
