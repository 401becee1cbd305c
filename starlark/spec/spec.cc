#include "starlark/spec/spec.h"

#include "core/base/suggest.h"
#include "starlark/eval/program.h"
#include "starlark/lib/universe.h"
#include "starlark/spec/check.h"
#include "starlark/spec/event_search.h"
#include "starlark/spec/event_value.h"
#include "starlark/spec/loader.h"
#include "starlark/spec/recorded_set.h"
#include "starlark/spec/registry.h"
#include "starlark/spec/service_value.h"
#include "starlark/spec/unavailable.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace fb::spec {

using starlark::Interpreter;
using starlark::Module;

// What an evaluation leaves to the next ones: they evaluate the same texts to the same services.
struct SpecCache::State {
  starlark::CodeCache code;
  SourceTexts texts;
  struct Found {
    std::vector<SyscallSet> calls;
    std::set<InterfaceId> proxied;
  };
  std::map<std::string, Found> recorded;  // by the shown path of the root
};

SpecCache::SpecCache() : state_(std::make_unique<State>()) {}
SpecCache::~SpecCache() = default;

struct Spec::State {
  State(const SpecOptions& options, SourceTexts& texts)
      : session(options.files, options.clients, options.syscall_exists, options.path),
        loader(options.files, texts, options.path) {
    session.print = options.print;
  }

  std::unique_ptr<Interpreter> interpreter;  // first: everything else may hold its values
  Session session;
  Loader loader;
  std::unique_ptr<FlowThread> monitor_thread;
  Module* root = nullptr;
  std::vector<TestInfo> tests;
  std::map<std::string, Value, std::less<>> functions;  // by test name

  Fallible<bool> collect_tests();
  Fallible<bool> check_parameters() const;
  Fallible<bool> check_topology();
  std::vector<SpecFile> files() const;
  SpecCache::State::Found find_recorded() const;
  void tell_monitors(const Event& event);
};

namespace {

// A failure of the finished spec rather than of a call in progress, at a place of its own.
Raised failure_at(const Location& location, std::string_view builtin, std::string text) {
  return Raised(fmt::format("{}: {}(): {}", location.str(), builtin, text)).bare();
}

Spec::Loaded refuse(const Failure& outer) {
  // "cannot load x" says less than why; the stack of the cause runs through the loads.
  const Failure* failure = &outer;
  while (failure->cause != nullptr) failure = failure->cause.get();
  Spec::Loaded out;
  const bool parsed = failure->kind == starlark::FailureClass::kEvaluation;
  out.report = failure->report();
  Diagnostic diagnostic{.code = parsed ? "SPEC_LOAD_FAILED" : "SPEC_SYNTAX", .message = out.report};
  if (const auto where = failure->where()) diagnostic.position = where->str();
  out.failure = std::move(diagnostic);
  return out;
}

}  // namespace

Spec::Spec(std::unique_ptr<State> state) : state_(std::move(state)) {}
Spec::~Spec() = default;

Spec::Loaded Spec::load(const SpecOptions& options) {
  SpecCache::State& cache = *options.cache.state_;
  auto owned = std::make_unique<State>(options, cache.texts);
  State& state = *owned;
  const Result<std::string> source = state.loader.open_root();
  if (!source.ok()) return refuse(*Raised(source.error()).bare().take());

  state.interpreter = std::make_unique<Interpreter>(starlark::InterpreterOptions{
      .dialect = starlark::Dialect::spec(),
      .cache = &cache.code,
      .load = [&state](Thread&, std::string_view module, std::string_view from)
          -> Result<std::variant<starlark::LoadedSource, starlark::LoadedValues>> {
        starlark::LoadedSource loaded = FB_TRY(state.loader.open(module, from));
        return std::variant<starlark::LoadedSource, starlark::LoadedValues>(std::move(loaded));
      },
      .keep_syntax = true});
  state.interpreter->host_data = &state.session;
  state.session.interpreter = state.interpreter.get();
  starlark::lib::install_universe(*state.interpreter);
  for (const auto* word : spec_words()) state.interpreter->predeclare(*word);
  for (const auto* word : unavailable_words()) state.interpreter->predeclare(*word);

  FlowThread loading_thread(state.session, "load", Flow{});
  auto root = state.interpreter->run(loading_thread.thread(), options.path, *source);
  if (!root.ok()) return refuse(root.failure());
  state.root = root.value();
  if (auto checked = state.check_topology(); !checked.ok()) return refuse(checked.failure());
  if (auto collected = state.collect_tests(); !collected.ok()) return refuse(collected.failure());

  auto recorded = cache.recorded.find(options.path);
  if (recorded == cache.recorded.end()) {
    recorded = cache.recorded.emplace(options.path, state.find_recorded()).first;
  }
  auto& services = state.session.topology.services;
  for (size_t i = 0; i < services.size(); ++i) {
    for (SyscallId id : recorded->second.calls[i].list()) {
      if (!options.syscall_exists || options.syscall_exists(id)) services[i].recorded.insert(id);
    }
  }
  for (const InterfaceId& id : recorded->second.proxied) {
    services[id.service.value].interfaces[id.index].proxied = true;
  }
  for (const RecordedExtension& extension : options.extensions) {
    const auto id = state.session.topology.find(extension.service);
    if (!id) continue;
    services[id->value].recorded.merge(extension.calls);
    for (InterfaceSpec& interface : services[id->value].interfaces) {
      interface.proxied |= interface.name == extension.interface;
    }
  }
  Loaded out;
  out.spec.reset(new Spec(std::move(owned)));
  return out;
}

Fallible<bool> Spec::State::check_topology() {
  const Topology& topology = session.topology;
  const std::vector<std::string> names = session.service_names();
  for (size_t i = 0; i < topology.services.size(); ++i) {
    for (const std::string& name : topology.services[i].depends_on) {
      if (topology.find(name)) continue;
      return failure_at(session.declared[i], "service", unknown("service", name, names));
    }
  }
  if (const auto order = topology.start_order(); !order.ok()) {
    const Location where = session.declared.empty() ? Location{} : session.declared.front();
    return failure_at(where, "service", order.error().message);
  }
  for (const Monitor& monitor : session.monitors) {
    for (const auto& [name, value] : monitor.filter.filters()) {
      if (name != "service" || value.find_first_of("*?") != std::string::npos || value.empty() ||
          value == "test" || topology.find(value)) {
        continue;
      }
      return failure_at(monitor.declared, "monitor", unknown("service", value, names));
    }
  }
  return true;
}

Fallible<bool> Spec::State::collect_tests() {
  const auto add = [&](const std::string& name, const Value& function, bool scenario) {
    TestInfo info{.name = name, .scenario = scenario};
    if (const auto known = Interpreter::describe(function)) {
      info.doc = known->doc;
      info.file = known->location.file;
      info.line = known->location.position.line;
    }
    functions.emplace(name, function);
    tests.push_back(std::move(info));
  };
  for (const Module::Global& global : root->globals()) {
    if (global.name.starts_with("test_") && global.value.callable()) {
      add(global.name, global.value, false);
    }
  }
  for (const Session::Scenario& scenario : session.scenarios) {
    const auto same = functions.find(scenario.test);
    if (same == functions.end()) {
      add(scenario.test, scenario.function, true);
      continue;
    }
    if (!same->second.same(scenario.function)) {
      const auto info = Interpreter::describe(scenario.function);
      return failure_at(info ? info->location : Location{}, "scenario",
                        fmt::format("{} is already a test, and another function", scenario.test));
    }
    for (TestInfo& test : tests) test.scenario |= test.name == scenario.test;
  }
  if (auto callable = check_parameters(); !callable.ok()) return callable;
  std::sort(tests.begin(), tests.end(),
            [](const TestInfo& a, const TestInfo& b) { return a.name < b.name; });
  return true;
}

// A test is called without arguments.
Fallible<bool> Spec::State::check_parameters() const {
  for (const auto* statement : root->program().syntax()->statements) {
    const auto* def = statement->as<starlark::syntax::DefStmt>();
    if (def == nullptr || !functions.contains(def->name->name)) continue;
    for (const auto& parameter : def->parameters) {
      if (parameter.kind != starlark::syntax::ParameterKind::kPlain ||
          parameter.default_value != nullptr) {
        continue;
      }
      return Raised(fmt::format("{}: a test takes no arguments, {} has the parameter {}",
                                Location{root->path(), parameter.position}.str(), def->name->name,
                                parameter.name->name))
          .bare();
    }
  }
  return true;
}

std::vector<SpecFile> Spec::State::files() const {
  std::map<std::string, const Module*> modules;
  for (const Module* module : interpreter->modules()) modules.emplace(module->path(), module);
  std::vector<SpecFile> files;
  for (const auto& [path, module] : modules) {
    const auto* syntax = module->program().syntax();
    FB_CHECK(syntax != nullptr);
    // Loaded names: which global of which module.
    std::map<std::string, Value, std::less<>> loaded;
    for (const auto* statement : syntax->statements) {
      const auto* load = statement->as<starlark::syntax::LoadStmt>();
      if (load == nullptr) continue;
      const auto from = modules.find(loader.target(load->module->value, path));
      if (from == modules.end()) continue;
      for (const auto& name : load->names) {
        loaded.emplace(name.local->name, from->second->find(name.original));
      }
    }
    files.push_back({syntax, [module, loaded = std::move(loaded)](std::string_view name) {
                       const auto found = loaded.find(name);
                       return found == loaded.end() ? module->find(name) : found->second;
                     }});
  }
  return files;
}

SpecCache::State::Found Spec::State::find_recorded() const {
  RecordedInput input;
  input.topology = &session.topology;
  for (SpecFile& file : files()) {
    input.files.push_back(
        {file.syntax,
         [value_of = std::move(file.value_of)](std::string_view name) -> std::optional<ServiceId> {
           const Value value = value_of(name);
           const auto* service = value.as<ServiceValue>();
           if (service == nullptr) return std::nullopt;
           return service->id;
         }});
  }
  return {recorded_sets(input), proxied_interfaces(input)};
}

std::vector<Diagnostic> Spec::check(const FindBinary& find_binary) {
  FlowThread flow(state_->session, "check", Flow{});
  return check_spec({.session = state_->session,
                     .thread = flow.thread(),
                     .files = state_->files(),
                     .tests = state_->tests,
                     .functions = function_names(),
                     .find_binary = find_binary});
}

const Topology& Spec::topology() const {
  return state_->session.topology;
}
const std::vector<TestInfo>& Spec::tests() const {
  return state_->tests;
}
const SpecDefaults& Spec::defaults() const {
  return state_->session.defaults;
}
const BodyFacts& Spec::facts() const {
  return state_->session.facts;
}
const std::optional<RecordedExtension>& Spec::extension() const {
  return state_->session.extension;
}

std::vector<Binding> Spec::bindings() const {
  std::vector<Binding> found;
  for (const Module* module : state_->interpreter->modules()) {
    for (const Module::Global& global : module->globals()) {
      Binding binding{.variable = global.name, .file = module->path()};
      if (const auto* service = global.value.as<ServiceValue>()) {
        binding.service = service->id;
        found.push_back(binding);
        continue;
      }
      for (const Session::Scenario& scenario : state_->session.scenarios) {
        if (!global.value.same(scenario.function)) continue;
        binding.scenario = scenario.test;
        found.push_back(binding);
      }
    }
  }
  return found;
}

std::vector<std::string> Spec::function_names() const {
  std::vector<std::string> names;
  for (const Module::Global& global : state_->root->globals()) {
    if (Interpreter::describe(global.value)) names.push_back(global.name);
  }
  return names;
}

void Spec::install(Execution& execution) {
  State& state = *state_;
  state.session.execution = &execution;
  for (ServiceId id : state.session.nondet) execution.scheduler().set_free(id);
  Flow flow;
  flow.monitor = true;
  state.monitor_thread = std::make_unique<FlowThread>(state.session, "monitor", flow);
  execution.log().listen([&state](const Event& event) { state.tell_monitors(event); });
}

void Spec::State::tell_monitors(const Event& event) {
  // Callbacks may not register monitors, so the list stands still.
  for (size_t i = 0; i < session.monitors.size() && !session.aborted; ++i) {
    const Monitor& monitor = session.monitors[i];
    if (!monitor.filter.matches(event)) continue;
    Thread& thread = monitor_thread->thread();
    const Value argument = make_event(thread.heap(), event);
    const Outcome outcome = thread.call(monitor.callback, std::span(&argument, 1));
    if (outcome.ok()) continue;
    TestFailure failure = to_test_failure(outcome.failure());
    const bool violation = failure.type == "assertion" || outcome.failure().builtin == "fail";
    failure.type = violation ? "monitor" : "error";
    failure.reason =
        fmt::format("monitor {}: {}", violation ? "violation" : "error", failure.reason);
    failure.detail.assertion_type = failure.type;
    failure.detail.message = failure.reason;
    failure.detail.event = event.seq;
    session.abort(std::move(failure));
  }
}

std::optional<TestFailure> Spec::run_test(Execution& execution, std::string_view name) {
  State& state = *state_;
  FB_CHECK(state.session.execution == &execution);
  const auto function = state.functions.find(name);
  FB_CHECK(function != state.functions.end());
  // A monitor may have been violated while the services started.
  if (state.session.aborted) return state.session.aborted;
  FlowThread flow(state.session, "test", Flow{});
  const Outcome outcome = flow.thread().call(function->second);
  if (outcome.ok()) return std::nullopt;
  if (outcome.failure().builtin == "fail") state.session.facts.asserted = true;
  return to_test_failure(outcome.failure());
}

}  // namespace fb::spec
