// Running files: each once per evaluation, what it loads first.
#include "starlark/eval/freezer.h"
#include "starlark/eval/interpreter.h"
#include "starlark/eval/interpreter_state.h"
#include "starlark/eval/program.h"
#include "starlark/eval/vm.h"
#include "starlark/resolve/spell.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb::starlark {

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
  EvaluationState::Entry& entry = state_->by_path[module.path()];
  entry = EvaluationState::Entry{&module, EvaluationState::Progress::kRunning, {}, nullptr};
  state_->running.push_back(module.path());
  Outcome result = execute(thread, module);
  state_->running.pop_back();
  EvaluationState::Entry& after = state_->by_path[module.path()];
  if (!result.ok()) {
    Raised raised = std::move(result).error();
    after.progress = EvaluationState::Progress::kFailed;
    after.failure = std::make_shared<const Failure>(raised.failure());
    return raised;
  }
  after.progress = EvaluationState::Progress::kDone;
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
  EvaluationState::Entry* entry = nullptr;
  if (auto* values = std::get_if<LoadedValues>(&found.value())) {
    entry = &state_->by_path["host module " + site.module];
    if (entry->progress != EvaluationState::Progress::kDone) {
      *entry = EvaluationState::Entry{nullptr, EvaluationState::Progress::kDone, std::move(*values),
                                      nullptr};
    }
  } else {
    auto& source = std::get<LoadedSource>(found.value());
    auto known = state_->by_path.find(source.path);
    if (known == state_->by_path.end()) {
      auto ran = run(thread, source.path, source.source);
      if (!ran.ok()) {
        Raised raised = std::move(ran).error();
        auto cause = std::make_shared<const Failure>(raised.failure());
        EvaluationState::Entry& failed_entry = state_->by_path[source.path];
        failed_entry.progress = EvaluationState::Progress::kFailed;
        failed_entry.failure = cause;
        return cannot_load(site.module, cause->message(), cause);
      }
      known = state_->by_path.find(source.path);
    } else if (known->second.progress == EvaluationState::Progress::kRunning) {
      return cannot_load(site.module, cycle_text(source.path), nullptr);
    } else if (known->second.progress == EvaluationState::Progress::kFailed) {
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

}  // namespace fb::starlark
