// One run of one test: starts the services, runs the body in a fiber, keeps the log, stops
// everything, gives the verdict (spec §4). The spec words act on it from inside the body's fibers;
// where order is controlled it drives the Scheduler whenever nothing else can run.
//
//   run():  start services → ready → body (main fiber, parallel branches) → close scopes → stop
//   services → TestResult
#pragma once
#include "core/model/topology.h"
#include "core/run/execution_environment.h"
#include "core/run/partition_scopes.h"
#include "core/run/protocol_scopes.h"
#include "core/run/service_runner.h"
#include "core/run/step_window.h"
#include "core/run/test_failure.h"
#include "core/run/test_result.h"
#include "core/run/waiting.h"
#include "core/runtime/loop.h"
#include "core/sched/scheduler.h"
#include "core/trace/event_filter.h"
#include "core/trace/event_log.h"

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fb {

struct ExecutionOptions {
  std::string test;
  uint64_t seed = 0;
  Duration timeout = std::chrono::seconds(60);
  int64_t wall_ns = 0;        // wall clock at the start, nanoseconds since the epoch
  bool controlled = false;    // levels ordered and deterministic
  bool virtual_time = false;  // implied by controlled
  // Order free: sockets, pipes and files are followed, so that clocks tell the true causality (spec
  // §17.3). Controlled order always knows it.
  bool followed = false;
  // Explored scope (exploration.md §2): who chooses there, and the bound on steps. Empty: the
  // default order everywhere.
  Chooser* chooser = nullptr;
  uint64_t max_steps = 100'000;
  bool want_values = false;  // record what each explored step read or wrote
};

class Execution final : private ProcessListener {
 public:
  Execution(Loop& loop, const Topology& topology, ExecutionOptions options);
  ~Execution();
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;

  using Body = std::function<std::optional<TestFailure>()>;
  // Runs the test to its verdict, once. Not from inside a fiber.
  TestResult run(const ExecutionEnvironment& environment, const Body& body);
  // After run(): what the strategy needs of the explored scope.
  ExecutionRecord take_record();

  // Stops at once with verdict `cancelled` (the user interrupted).
  void interrupt();

  // --- for the spec words, inside the body's fibers
  // ----------------------------------------------------------------------------------
  const Topology& topology() const { return topology_; }
  EventLog& log() { return *log_; }
  Clock& clock() { return *clock_; }
  Instant now() const { return clock_->now(); }
  Scheduler& scheduler() { return *scheduler_; }
  RuleSets& rules() { return *rules_; }
  const ExecutionOptions& options() const { return options_; }
  // options(timeout=) inside the body: counted from the start of the body.
  void set_body_timeout(Duration timeout);

  // Opens a fault scope and logs fault_applied. Error: the service is not running. The rules'
  // identities are given out here: BRANCH of `actor`, the rule's text, and how many equal ones the
  // branch installed before (spec §14).
  Result<uint64_t> open_faults(ActorId actor, ServiceId service, std::vector<FaultRule> rules,
                               bool stoppable);
  Result<uint64_t> open_trace(ServiceId service, SyscallSet calls, std::vector<SyscallId> listed,
                              bool stoppable);
  void close_scope(uint64_t scope);
  // fault_stop / trace_stop: closes all stoppable scopes of the service.
  void close_stoppable(ServiceId service, bool trace);

  PartitionScopes& partitions() { return *partitions_; }

  // Opens a scope of protocol rules on an interface, which must be one that is proxied. Identities
  // as in open_faults().
  Result<uint64_t> open_protocol_faults(ActorId actor, InterfaceId target,
                                        std::vector<ProtocolRule> rules, bool stoppable);
  ProtocolScopes& protocol_faults() { return *protocol_scopes_; }

  // One protocol step: step_send, the exchange, step_recv.
  StepResponse step(ServiceId target, const std::string& interface, StepCall call);

  // Processes (spec §11.2). The exit of a service that is killed or restarted is expected, also one
  // that came before.
  Status kill(ServiceId id, int signal) { return service(id).kill(signal); }
  Status restart(ServiceId id, std::optional<Duration> ready_limit);
  Status pause(ServiceId id) { return service(id).pause(); }
  Status resume(ServiceId id) { return service(id).resume(); }

  // Runs the branches concurrently and joins them all. Each gets its actor. The first call opens
  // the explored scope.
  void parallel(ActorId parent, std::vector<std::function<void(ActorId)>> branches);

  // Waits until `condition` holds; asked again after every event and change of held calls. False:
  // the limit came first.
  bool await_events(Duration limit, const std::function<bool()>& condition);

  // A monitor was violated, or the like: the body is aborted at once and the test fails so.
  void abort(TestFailure failure);

 private:
  void output(ServiceId service, bool is_stderr, std::string_view bytes) override;
  void exited(ServiceId service, ExitState state) override;

  void conduct(const Body& body);
  void start_services();
  void start_failed(Diagnostic diagnostic);
  void run_body(const Body& body);
  void note_timeout();
  std::vector<HeldReport> held_now() const;
  void drain_observers();
  void stop_services();
  bool idle();
  bool nothing_enabled();
  void note_exit(ServiceRunner& gone);
  ServiceRunner& service(ServiceId id) const { return *services_[id.value]; }
  // BRANCH|TEXT|ORDINAL of a rule that the actor installs on the service (spec §14).
  std::string identify(ActorId actor, const std::string& service, const std::string& text);
  // In the body: until nothing is enabled any more, without time passing.
  void come_to_rest();
  void begin_scope();
  void end_scope();
  TestResult result();

  Loop& loop_;
  const ExecutionEnvironment* env_ = nullptr;  // while it runs
  const Topology& topology_;
  ExecutionOptions options_;
  std::unique_ptr<EventLog> log_;
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<RuleSets> rules_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<ProtocolScopes> protocol_scopes_;
  std::optional<PartitionScopes> partitions_;  // while it runs
  std::optional<ServiceRunner::Surroundings> surroundings_;
  std::vector<std::unique_ptr<ServiceRunner>> services_;

  enum class Phase { kStarting, kBody, kDraining, kStopping, kDone };
  Phase phase_ = Phase::kStarting;
  Fiber* body_fiber_ = nullptr;
  std::vector<Fiber*> branch_fibers_;
  bool drained_ = false;
  std::optional<TestFailure> failure_;
  struct Crash {
    ServiceId service;
    TestFailure failure;
    Diagnostic diagnostic;
  };
  std::vector<Crash> crashes_;   // those that the test does not acknowledge fail it
  std::optional<EndState> cut_;  // the explored scope was ended by the chooser or a deadlock
  bool cancelled_ = false;
  int parallel_depth_ = 0;
  WaitQueue waiting_;
  Instant body_start_;
  std::unique_ptr<Timer> body_timer_;
  std::map<std::string, uint64_t> identities_;
  std::vector<Diagnostic> diagnostics_;
  std::vector<StepWindow> steps_;  // in the order sent
  std::vector<HeldReport> held_;   // when the body ended
  std::vector<Candidate> pending_;
  std::map<ActorId, std::string>
      step_results_;  // for the outcome key; by actor, since completion order is not an outcome
};

}  // namespace fb
