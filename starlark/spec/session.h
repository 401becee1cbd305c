// One evaluation of a spec as its words see it: what was declared while loading, and the test that
// runs now. The words of starlark/spec act on it and on nothing else.
#pragma once
#include "core/model/topology.h"
#include "core/run/execution.h"
#include "core/runtime/client_catalog.h"
#include "core/runtime/files.h"
#include "core/trace/event_filter.h"
#include "starlark/eval/builtin.h"
#include "starlark/eval/interpreter.h"
#include "starlark/eval/thread.h"
#include "starlark/spec/scalars.h"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fb::spec {

using starlark::Call;
using starlark::Failure;
using starlark::Heap;
using starlark::Location;
using starlark::Outcome;
using starlark::Thread;

// What one Thread of Starlark code is: the body, a branch of parallel(), or a monitor.
struct Flow {
  ActorId actor = ActorId::test();
  bool monitor = false;
};

// options() of a spec.
struct SpecDefaults {
  std::optional<Duration> timeout;
  std::vector<std::string> redact;
  bool host_network = false;
};

// A monitor(): its callback and what it listens to.
struct Monitor {
  Value callback;
  EventFilter filter;
  Location declared;
};

// What a test did, for the diagnostics of spec §19.
struct BodyFacts {
  bool asserted = false;  // called an assertion or fail()
  bool had_monitor = false;
  bool opened_scope = false;
  bool sent_step = false;
  bool operator==(const BodyFacts&) const = default;
};

// A name outside R(s), met only at run time (spec §8.9).
struct RecordedExtension {
  std::string service;
  std::string word;  // the syscall, family or operation
  SyscallSet calls;
  std::string interface;  // not a call, but an interface that needs a proxy
};

// What failed inside a word, kept with the Failure until it becomes a TestFailure.
struct SpecFailure final : starlark::FailurePayload {
  std::string type = "error";  // failure_type of spec §4
  std::string more;            // further lines of the message, each ended by '\n'
  ErrorDetail detail;          // what the word knows: closest, event, also; a branch's position
};

class Session {
 public:
  Session(Files& files, ClientCatalog& clients, SyscallExists exists, std::string root);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // --- what the spec declares
  Topology topology;
  std::vector<Value> services;     // service values, by ServiceId
  std::vector<Location> declared;  // where each service() stands
  struct Scenario {
    std::string test;  // its name as a test
    Value function;
  };
  std::vector<Scenario> scenarios;
  std::set<ServiceId> nondet;
  SpecDefaults defaults;

  // --- what the outside provides
  Files& files;
  ClientCatalog& clients;
  SyscallExists syscall_exists;
  std::string root;  // the root spec as given
  starlark::Interpreter* interpreter = nullptr;
  std::function<void(std::string_view line)> print;  // empty: standard error

  // --- the running test
  Execution* execution = nullptr;
  std::vector<Monitor> monitors;
  BodyFacts facts;
  std::optional<RecordedExtension> extension;
  // Why the test was aborted: monitors are silent now, and threads end.
  std::optional<TestFailure> aborted;

  // `path` as the spec means it: relative ones start at the directory of the file that says so,
  // which for the root spec is its own.
  std::string beside_spec(std::string_view path, std::string_view said_in) const;
  // The same path from the root of the file system.
  std::string absolute(std::string_view path) const;
  // The working directory of a service, for relative patterns.
  std::string working_directory(std::string_view service) const;
  std::vector<std::string> service_names() const { return topology.names(); }

  // The threads that run now, so that abort() can end them.
  void enter(Thread& thread) { threads_.push_back(&thread); }
  void leave(Thread& thread) { std::erase(threads_, &thread); }
  // The test is over: every thread ends at its next step.
  void abort(TestFailure failure);

 private:
  std::vector<Thread*> threads_;
};

// A Thread that belongs to the session while it lives, with its Flow.
class FlowThread {
 public:
  FlowThread(Session& session, std::string name, Flow flow);
  ~FlowThread();
  FlowThread(const FlowThread&) = delete;
  FlowThread& operator=(const FlowThread&) = delete;
  Thread& thread() { return thread_; }

 private:
  Session& session_;
  Flow flow_;
  Thread thread_;
};

// --- helpers of words
inline Session& session_of(Thread& thread) {
  return *thread.interpreter().host<Session>();
}
inline Session& session_of(Call& call) {
  return session_of(call.thread());
}
inline Flow& flow_of(Call& call) {
  return *call.thread().host<Flow>();
}

// The running test, or the error that there is none.
Fallible<Execution*> running(Call& call);
// As running(); inside a monitor's callback the error that it must not act or wait.
Fallible<Execution*> acting(Call& call);
// After anything that may have made an event: the failure that ends the code when a monitor has
// ended the test meanwhile.
Fallible<bool> still_running(Call& call);
// The error of a word that only loading may call; call it as FB_TRY(loading(call)).
Fallible<bool> loading(Call& call);

// A failure whose whole message is `text` (no builtin, no position before it).
Raised bare_failure(std::string text, std::string type = "error");
Raised bare_failure(std::string text, SpecFailure payload);

// How a failure reads as the reason of a test: bare ones and fail() as they are, others with their
// position.
std::string reason_of(const Failure& failure);
TestFailure to_test_failure(const Failure& failure);

}  // namespace fb::spec
