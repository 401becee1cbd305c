// A spec, evaluated: what it declares, and its tests, ready to run. One Spec is one evaluation in
// its own interpreter; every execution of a test has its own, and only compiled code and file texts
// are shared between them (SpecCache). Loading starts nothing and writes nothing.
//
//   SpecCache cache;                                          // once per process
//   Spec::Loaded loaded = Spec::load({.path = "shop.star", ...});
//   Execution execution(environment, loaded.spec->topology(), options);
//   loaded.spec->install(execution);                          // module-level monitors, nondet()
//   execution.run([&] { return loaded.spec->run_test(execution, "test_x"); });
#pragma once
#include "core/model/topology.h"
#include "core/run/execution.h"
#include "core/run/test_failure.h"
#include "core/run/test_result.h"
#include "core/runtime/client_catalog.h"
#include "core/runtime/files.h"
#include "starlark/spec/binding.h"
#include "starlark/spec/session.h"
#include "starlark/spec/test_info.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fb::spec {

class SpecCache {
 public:
  SpecCache();
  ~SpecCache();
  SpecCache(const SpecCache&) = delete;
  SpecCache& operator=(const SpecCache&) = delete;

 private:
  friend class Spec;
  struct State;
  std::unique_ptr<State> state_;
};

struct SpecOptions {
  std::string path;  // of the root file, as the user gave it
  Files& files;
  ClientCatalog& clients;
  SpecCache& cache;
  SyscallExists syscall_exists = nullptr;                 // on this machine; empty: all do
  std::function<void(std::string_view line)> print = {};  // empty: standard error
  // Calls recorded besides R(s): what an earlier run of the test met only at run time.
  std::vector<RecordedExtension> extensions = {};
};

class Spec {
 public:
  struct Loaded {
    std::unique_ptr<Spec> spec;         // empty when loading failed
    std::optional<Diagnostic> failure;  // SPEC_SYNTAX or SPEC_LOAD_FAILED
    std::string report;                 // the whole text: message, then one line per caller
  };
  static Loaded load(const SpecOptions& options);
  ~Spec();
  Spec(const Spec&) = delete;
  Spec& operator=(const Spec&) = delete;

  const Topology& topology() const;            // with R(s)
  const std::vector<TestInfo>& tests() const;  // sorted bytewise
  const SpecDefaults& defaults() const;
  // The file-level names that stand for a service or for the function of a scenario(), by file in
  // order of evaluation, then in order of definition: what code written for this spec can load.
  std::vector<Binding> bindings() const;
  // Names of the root file's functions, to suggest when there is no test.
  std::vector<std::string> function_names() const;
  // What `faultbox check` finds (check.h), in the order of files and positions.
  using FindBinary = std::function<Result<std::string>(const ServiceSpec&)>;
  std::vector<Diagnostic> check(const FindBinary& find_binary);

  // Module-level monitors and nondet() take effect in this execution; before run().
  void install(Execution& execution);
  // In the body's fiber. Empty: the test passed.
  std::optional<TestFailure> run_test(Execution& execution, std::string_view name);
  // After it: what the body did, and the call that made a restart necessary (the failure then has
  // type "restart", spec §8.9).
  const BodyFacts& facts() const;
  const std::optional<RecordedExtension>& extension() const;

 private:
  struct State;
  explicit Spec(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace fb::spec
