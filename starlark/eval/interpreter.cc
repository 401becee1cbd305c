#include "starlark/eval/interpreter.h"

#include "starlark/eval/big_stack.h"
#include "starlark/eval/compiler.h"
#include "starlark/eval/containers.h"
#include "starlark/eval/operators.h"
#include "starlark/eval/program.h"
#include "starlark/eval/text.h"
#include "starlark/eval/vm.h"
#include "starlark/resolve/resolver.h"
#include "starlark/resolve/spell.h"
#include "starlark/syntax/parser.h"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>

namespace fb::starlark {

struct Interpreter::State {
  enum class Progress { kRunning, kDone, kFailed };
  struct Entry {
    Module* module = nullptr;  // null for host modules
    Progress progress = Progress::kRunning;
    LoadedValues values;
    std::shared_ptr<const Failure> failure;
  };
  std::unordered_map<std::string, Entry> by_path;
  std::vector<std::string> running;  // paths, the root first
};

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
    : options_(std::move(options)), state_(std::make_unique<State>()) {
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
    if (options_.keep_syntax) std::get<0>(compiled)->syntax_ = std::move(file);
    program = std::move(std::get<0>(compiled));
  });
  if (problem) return *std::move(problem);
  if (options_.cache != nullptr) options_.cache->programs_.emplace(std::move(key), program);
  return program;
}

Outcome Interpreter::execute(Thread& thread, Module& module) {
  const Program& program = module.program();
  const auto& known = predeclared_map();
  for (Symbol name : program.predeclared) {
    module.predeclared_.push_back(predeclared_[known.at(name.name())].second);
  }
  auto* toplevel = heap_.construct<Function>(sizeof(Function), program.functions[0], module,
                                             std::size_t{0}, std::size_t{0});
  const Value holder(toplevel);
  Outcome result = Vm::run_toplevel(thread, *toplevel);
  if (options_.dialect.freeze_globals) {
    for (const Value& value : module.slots_) {
      if (!value.absent()) freeze(value);
    }
  }
  order_.push_back(&module);
  return result;
}

Fallible<Module*> Interpreter::run(Thread& thread, std::string_view path, std::string_view source) {
  auto program = FB_TRY(compile(path, source));
  modules_.push_back(std::unique_ptr<Module>(new Module(*this, std::move(program))));
  Module& module = *modules_.back();
  State::Entry& entry = state_->by_path[module.path()];
  entry = State::Entry{&module, State::Progress::kRunning, {}, nullptr};
  state_->running.push_back(module.path());
  Outcome result = execute(thread, module);
  state_->running.pop_back();
  State::Entry& after = state_->by_path[module.path()];
  if (!result.ok()) {
    Raised raised = std::move(result).error();
    after.progress = State::Progress::kFailed;
    after.failure = std::make_shared<const Failure>(raised.failure());
    return raised;
  }
  after.progress = State::Progress::kDone;
  return &module;
}

namespace {

Raised cannot_load(std::string_view module, std::string_view text,
                   std::shared_ptr<const Failure> cause) {
  Raised raised(fmt::format("cannot load {}: {}", module, text));
  if (cause != nullptr) {
    raised.failure().code = cause->code;
    raised.failure().payload = cause->payload;
  }
  raised.failure().cause = std::move(cause);
  return raised;
}

}  // namespace

Outcome Interpreter::load(Thread& thread, const LoadSite& site, Module& from) {
  if (!options_.load)
    return cannot_load(site.module, "load not implemented by this application", nullptr);
  auto found = options_.load(thread, site.module, from.path());
  if (!found.ok()) {
    Raised raised = cannot_load(site.module, found.error().message, nullptr);
    raised.failure().code = found.error().code;
    return raised;
  }
  State::Entry* entry = nullptr;
  if (auto* values = std::get_if<LoadedValues>(&found.value())) {
    entry = &state_->by_path["host module " + site.module];
    if (entry->progress != State::Progress::kDone) {
      *entry = State::Entry{nullptr, State::Progress::kDone, std::move(*values), nullptr};
    }
  } else {
    auto& source = std::get<LoadedSource>(found.value());
    auto known = state_->by_path.find(source.path);
    if (known == state_->by_path.end()) {
      auto ran = run(thread, source.path, source.source);
      if (!ran.ok()) {
        Raised raised = std::move(ran).error();
        auto cause = std::make_shared<const Failure>(raised.failure());
        State::Entry& failed_entry = state_->by_path[source.path];
        failed_entry.progress = State::Progress::kFailed;
        failed_entry.failure = cause;
        return cannot_load(site.module, cause->message(), cause);
      }
      known = state_->by_path.find(source.path);
    } else if (known->second.progress == State::Progress::kRunning) {
      return cannot_load(site.module, cycle_text(source.path), nullptr);
    } else if (known->second.progress == State::Progress::kFailed) {
      return cannot_load(site.module, known->second.failure->message(), known->second.failure);
    }
    entry = &known->second;
  }
  for (const LoadSite::Name& name : site.names) {
    Value value;
    std::vector<std::string> names;
    if (entry->module != nullptr) {
      value = entry->module->find(name.original.name());
      for (const auto& global : entry->module->globals()) names.push_back(global.name);
    } else {
      for (const auto& [known, host_value] : entry->values) {
        if (known == name.original.name()) value = host_value;
        names.push_back(known);
      }
    }
    if (value.absent()) {
      std::string text =
          fmt::format("load: name {} not found in module {}", name.original.name(), site.module);
      const std::vector<std::string_view> views(names.begin(), names.end());
      const std::string_view best = resolve::nearest(name.original.name(), views);
      if (!best.empty()) text += fmt::format(" (did you mean {}?)", best);
      return Raised(std::move(text));
    }
    from.slots_[name.slot] = std::move(value);
  }
  return Value::none();
}

// "cycle in load graph", for specs with the files of the cycle.
std::string Interpreter::cycle_text(const std::string& path) const {
  std::string text = "cycle in load graph";
  if (!options_.dialect.explain_python) return text;
  const auto& running = state_->running;
  text += ": ";
  for (auto at = std::find(running.begin(), running.end(), path); at != running.end(); ++at) {
    text += *at + " -> ";
  }
  return text + path;
}

std::optional<Interpreter::FunctionInfo> Interpreter::describe(const Value& function) {
  const auto* f = function.as<Function>();
  if (f == nullptr) return std::nullopt;
  const FunctionCode& code = f->code;
  return FunctionInfo{code.name, code.doc, Location{code.program->path(), code.position},
                      code.fixed(), code.has_args};
}

}  // namespace fb::starlark
