#include "core/run/execution.h"

#include "core/base/check.h"
#include "core/base/draw.h"
#include "core/run/diagnose.h"
#include "core/run/diagnose_assertions.h"
#include "core/run/diagnose_rules.h"
#include "core/run/diagnose_waiting.h"
#include "core/run/fault_report.h"
#include "core/sched/blocking.h"
#include "core/trace/syscall_summary.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb {
namespace {

// Virtual time starts at a fixed date: 2024-01-01T00:00:00Z.
constexpr int64_t kVirtualEpochNs = 1'704'067'200'000'000'000;

// Observers are given this long to hear what happened before the verdict.
constexpr Duration kDrainLimit = std::chrono::milliseconds(500);

// Lives as long as a fiber does, unwound or not: lists it, and counts it off at its end.
class Running {
 public:
  Running(std::vector<Fiber*>& list, size_t& left, WaitQueue& waiting)
      : list_(list), left_(left), waiting_(waiting), self_(FiberPool::current()) {
    list_.push_back(self_);
  }
  ~Running() {
    std::erase(list_, self_);
    --left_;
    waiting_.notify();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  std::vector<Fiber*>& list_;
  size_t& left_;
  WaitQueue& waiting_;
  Fiber* self_;
};

std::string stop_text(const Chooser::Stop& stop) {
  if (!stop.message.empty()) return stop.message;
  return stop.end == EndState::kStepLimit ? "the bound on steps was reached"
                                          : "the search ended this execution";
}

}  // namespace

Execution::Execution(Loop& loop, const Topology& topology, ExecutionOptions options)
    : loop_(loop), topology_(topology), options_(std::move(options)) {
  const bool is_virtual = options_.controlled || options_.virtual_time;
  log_ = std::make_unique<EventLog>(topology.names());
  clock_ = std::make_unique<Clock>(loop_, is_virtual ? Clock::Mode::kVirtual : Clock::Mode::kReal,
                                   is_virtual ? kVirtualEpochNs : options_.wall_ns);
  const auto seeded = [this](std::string_view service, std::string_view rule, uint64_t n) {
    return draw(options_.seed, options_.test, service, rule, n);
  };
  rules_ = std::make_unique<RuleSets>(topology, seeded);
  protocol_scopes_ = std::make_unique<ProtocolScopes>(ProtocolScopes::Surroundings{
      topology, *log_, *clock_, *rules_, seeded, [this](std::string message) {
        abort({"error", message, {}});
        diagnostics_.push_back({.code = "FAULT_NOT_FILTERABLE", .message = std::move(message)});
      }});
  scheduler_ = std::make_unique<Scheduler>(topology, *log_, *clock_, *rules_);
  scheduler_->on_held_changed([this] { waiting_.notify(); });
  log_->listen([this](const Event&) { waiting_.notify(); });
}

Execution::~Execution() {
  loop_.set_idle_hook({});
}

TestResult Execution::run(const ExecutionEnvironment& environment, const Body& body) {
  FB_CHECK(env_ == nullptr);
  FB_CHECK(!options_.controlled || environment.quiescence != nullptr);
  env_ = &environment;
  surroundings_.emplace(
      ServiceRunner::Surroundings{environment, topology_, *log_, *clock_, loop_.fibers(),
                                  options_.controlled, options_.followed && !options_.controlled,
                                  *this, [this] { return failure_.has_value() || cancelled_; }});
  for (size_t i = 0; i < topology_.services.size(); ++i)
    services_.push_back(
        std::make_unique<ServiceRunner>(ServiceId{static_cast<uint16_t>(i)}, *surroundings_));
  if (options_.controlled) scheduler_->control();
  partitions_.emplace(PartitionScopes::Surroundings{topology_, *log_, *clock_, *rules_, *scheduler_,
                                                    environment.network_cut});
  loop_.set_idle_hook([this] { return idle(); });
  loop_.fibers().spawn("conductor", [this, &body] { conduct(body); });
  loop_.run_until([this] { return phase_ == Phase::kDone; });
  loop_.set_idle_hook({});
  return result();
}

void Execution::conduct(const Body& body) {
  start_services();
  if (!failure_ && !cancelled_) run_body(body);
  for (auto& runner : services_) runner->observers().stop();
  phase_ = Phase::kStopping;
  stop_services();
  phase_ = Phase::kDone;
}

// --- services ----------------------------------------------------------------------------------

void Execution::start_services() {
  Result<std::vector<ServiceId>> order = topology_.start_order();
  if (!order.ok()) {
    failure_ =
        TestFailure{"service_start", "failed to start services: " + order.error().message, {}};
    return;
  }
  std::vector<Fiber*> fibers;
  size_t left = order->size();
  for (ServiceId id : *order) {
    ServiceRunner& starting = service(id);
    loop_.fibers().spawn("start " + starting.spec().name, [this, &fibers, &left, &starting] {
      const Running running(fibers, left, waiting_);
      const std::vector<std::string>& needs = starting.spec().depends_on;
      waiting_.await([&] {
        return failure_ || cancelled_ ||
               std::all_of(needs.begin(), needs.end(), [&](const std::string& name) {
                 return service(*topology_.find(name)).ready();
               });
      });
      if (failure_ || cancelled_) return;
      if (std::optional<Diagnostic> problem = starting.start()) start_failed(std::move(*problem));
    });
  }
  waiting_.await([&] { return left == 0; });
}

void Execution::start_failed(Diagnostic diagnostic) {
  if (!failure_)
    failure_ = TestFailure{"service_start", "failed to start services: " + diagnostic.message, {}};
  diagnostics_.push_back(std::move(diagnostic));
}

void Execution::stop_services() {
  scheduler_->let_go();
  scheduler_->end_all_waiting();
  partitions_->end();
  protocol_scopes_->end();
  Result<std::vector<ServiceId>> order = topology_.start_order();
  if (!order.ok()) return;
  for (auto id = order->rbegin(); id != order->rend(); ++id) service(*id).stop();
}

Status Execution::restart(ServiceId id, std::optional<Duration> ready_limit) {
  ServiceRunner& restarted = service(id);
  restarted.acknowledge();
  restarted.stop();
  if (std::optional<Diagnostic> problem = restarted.start(ready_limit)) {
    diagnostics_.push_back(*problem);
    return failed(problem->message);
  }
  return {};
}

void Execution::output(ServiceId id, bool is_stderr, std::string_view bytes) {
  // A service that outlives the run is nobody's any more, and so is what it was run in.
  if (phase_ == Phase::kDone) return;
  service(id).printed(is_stderr, bytes);
}

void Execution::exited(ServiceId id, ExitState state) {
  ServiceRunner& gone = service(id);
  gone.exited(state);
  if (phase_ == Phase::kBody || phase_ == Phase::kDraining) note_exit(gone);
  waiting_.notify();
}

void Execution::note_exit(ServiceRunner& gone) {
  const bool expected = gone.exit_expected();
  gone.log_exit(expected);
  if (expected) return;
  const std::string tail = gone.output_tail();
  if (options_.controlled && gone.exit_state()->signalled &&
      gone.exit_state()->code == signal_number("SIGXCPU")) {
    // Nobody could run beside it (interpose/quiescence), so the kernel has ended it.
    const std::string message = fmt::format(
        "service \"{}\" ran on without system calls until its limit of processor time; "
        "order cannot be controlled (nondet() would let it run free)",
        gone.spec().name);
    abort({"error", message, {}});
    return;
  }
  crashes_.push_back(
      {gone.id(),
       {"crash",
        fmt::format("service \"{}\" exited unexpectedly: {}{}", gone.spec().name,
                    gone.exit_state()->text(), quoted_tail(tail)),
        {}},
       crash_diagnostic(gone.spec().name, *gone.exit_state(), tail, *log_, clock_->now())});
}

// --- the body ----------------------------------------------------------------------------------

void Execution::run_body(const Body& body) {
  phase_ = Phase::kBody;
  // What ended between its readiness and now counts as ended during the body.
  for (auto& candidate : services_)
    if (candidate->exit_state()) note_exit(*candidate);
  body_start_ = clock_->now();
  set_body_timeout(options_.timeout);
  std::vector<Fiber*> fibers;
  size_t left = 1;
  body_fiber_ = &loop_.fibers().spawn("test", [&] {
    const Running running(fibers, left, waiting_);
    // How far services have got with what their readiness probes left is a matter of chance.
    come_to_rest();
    std::optional<TestFailure> failure = body();
    if (failure && !failure_) failure_ = std::move(failure);
  });
  waiting_.await([&] { return left == 0 && branch_fibers_.empty(); });
  body_fiber_ = nullptr;
  body_timer_.reset();
  held_ = held_now();
  end_scope();
  phase_ = Phase::kDraining;
  for (auto& runner : services_) runner->await_end_under_way();
  drain_observers();
}

// What services have printed and written by now still counts, and polls under way get a moment.
void Execution::drain_observers() {
  drained_ = false;
  for (auto& runner : services_) runner->catch_up();
  if (!cancelled_)
    waiting_.await(*clock_, kDrainLimit, TimerKind::kLimit, [this] {
      return cancelled_ || (scheduler_->controlled() && drained_) ||
             std::none_of(services_.begin(), services_.end(),
                          [](const auto& runner) { return runner->observers().busy(); });
    });
}

void Execution::set_body_timeout(Duration timeout) {
  const Duration used = clock_->now() - body_start_;
  body_timer_ = clock_->after(
      std::max(Duration::zero(), timeout - used),
      [this, timeout] {
        note_timeout();
        abort({"timeout", "test timed out after " + format_duration_coarse(timeout), {}});
      },
      TimerKind::kLimit);
}

void Execution::note_timeout() {
  const std::vector<HeldReport> held = held_now();
  std::vector<TimedOut::Blocked> blocked;
  for (const auto& runner : services_)
    blocked.push_back({runner->spec().name, runner->blocked_in()});
  uint64_t hits = 0;
  for (const RuleScope& scope : rules_->history())
    for (const RuleState& state : scope.rules)
      if (!std::holds_alternative<AllowAction>(state.rule.action)) hits += state.hits;
  for (const ProtocolScope& scope : protocol_scopes_->rules().history())
    for (const ProtocolRuleState& state : scope.rules) hits += state.hits;
  std::optional<Diagnostic> diagnostic =
      timeout_diagnostic({.log = *log_,
                          .steps = steps_,
                          .by_clock = options_.controlled || options_.followed,
                          .hits = hits,
                          .held = held,
                          .services = blocked});
  if (diagnostic) diagnostics_.push_back(*std::move(diagnostic));
}

std::vector<HeldReport> Execution::held_now() const {
  std::vector<HeldReport> reports;
  for (const HeldCall& call : scheduler_->held(std::nullopt)) {
    const Duration age = clock_->now() - call.since;
    reports.push_back(
        {.service = topology_.at(call.service).name,
         .syscall = call.syscall,
         .path = call.path,
         .tag = call.tag,
         .seq = call.seq,
         .pid = call.pid,
         .age_ms = std::chrono::duration_cast<std::chrono::milliseconds>(age).count()});
  }
  return reports;
}

void Execution::abort(TestFailure failure) {
  // Whoever starts services asks for a failure.
  if (phase_ == Phase::kStarting && !failure_) failure_ = failure;
  if (phase_ == Phase::kStarting) waiting_.notify();
  if (phase_ != Phase::kBody && phase_ != Phase::kDraining) return;
  if (!failure_) failure_ = std::move(failure);
  // Inner branches first: they may refer to what their parents' stacks hold.
  const std::vector<Fiber*> branches(branch_fibers_.rbegin(), branch_fibers_.rend());
  for (Fiber* fiber : branches) FiberPool::cancel(*fiber);
  if (body_fiber_ != nullptr) FiberPool::cancel(*body_fiber_);
  scheduler_->let_go();
  waiting_.notify();
}

void Execution::interrupt() {
  cancelled_ = true;
  if (phase_ == Phase::kBody || phase_ == Phase::kDraining) abort({"cancelled", "interrupted", {}});
  waiting_.notify();
}

StepResponse Execution::step(ServiceId target, const std::string& interface, StepCall call) {
  const std::string& name = topology_.at(target).name;
  const size_t window = steps_.size();
  steps_.push_back({.sent = log_->size() + 1});
  log_->append(kTestDriver, EventType::kStepSend, clock_->now(),
               {{"target", name},
                {"method", call.method},
                {"interface", interface},
                {"protocol", call.protocol}});
  // Unless its sockets are followed, what the target does from here on counts as caused by the step
  // (spec §17.3).
  const bool followed = scheduler_->controlled() || options_.followed;
  if (!followed) log_->merge_into(target, log_->clock_of(kTestDriver));
  const Instant start = clock_->now();
  call.service_env = topology_.at(target).env;
  const ActorId actor = call.actor;
  const StepResponse response = env_->clients.call(env_->net, call);
  if (!followed) log_->merge_into(kTestDriver, log_->clock_of(target));
  std::vector<std::pair<std::string, std::string>> fields = {
      {"target", name},
      {"method", call.method},
      {"status", std::to_string(response.status)},
      {"ok", response.ok ? "true" : "false"}};
  if (!response.error.empty()) fields.emplace_back("error", response.error);
  fields.emplace_back(
      "duration_ms",
      std::to_string(
          std::chrono::duration_cast<std::chrono::milliseconds>(clock_->now() - start).count()));
  steps_[window].received = log_->size() + 1;
  log_->append(kTestDriver, EventType::kStepRecv, clock_->now(), std::move(fields));
  step_results_[actor] += fmt::format("{}.{}={}:{}{};", name, call.method, response.status,
                                      response.body, response.error);
  return response;
}

bool Execution::await_events(Duration limit, const std::function<bool()>& condition) {
  return waiting_.await(*clock_, limit, TimerKind::kLimit, condition);
}

// --- scopes ------------------------------------------------------------------------------------

Result<uint64_t> Execution::open_faults(ActorId actor, ServiceId id, std::vector<FaultRule> rules,
                                        bool stoppable) {
  const std::string& name = topology_.at(id).name;
  if (!service(id).is_up()) return failed(fmt::format("service \"{}\" is not running", name));
  std::vector<std::pair<std::string, std::string>> fields;
  for (FaultRule& rule : rules) {
    rule.identity = identify(actor, name, fmt::format("{}={}", rule.key, rule.text()));
    if (rule.op.empty()) {
      fields.emplace_back(rule.key, rule.applied_text());
      continue;
    }
    for (const std::string& call : rule.op_syscalls) {
      const bool taken = std::any_of(fields.begin(), fields.end(),
                                     [&](const auto& field) { return field.first == call; });
      fields.emplace_back(taken ? rule.op + "." + call : call, rule.applied_text());
    }
  }
  RuleScope& scope = rules_->open(id, std::move(rules), stoppable);
  log_->append(id, EventType::kFaultApplied, clock_->now(), std::move(fields));
  return scope.id;
}

Result<uint64_t> Execution::open_protocol_faults(ActorId actor, InterfaceId target,
                                                 std::vector<ProtocolRule> rules, bool stoppable) {
  const ServiceSpec& owner = topology_.at(target.service);
  const InterfaceSpec& interface = owner.interfaces[target.index];
  if (!service(target.service).is_up())
    return failed(fmt::format("service \"{}\" is not running", owner.name));
  // Where messages go through a proxy, its progress would have to be chosen like everybody's.
  if (options_.controlled)
    return failed(
        fmt::format("FAULT_NOT_FILTERABLE: protocol rules on {}.{} are not possible where "
                    "order is controlled",
                    owner.name, interface.name));
  FB_CHECK(interface.proxied);
  for (ProtocolRule& rule : rules)
    rule.identity = identify(actor, owner.name, fmt::format("{}:{}", interface.name, rule.text()));
  return protocol_scopes_->open(target, std::move(rules), stoppable);
}

std::string Execution::identify(ActorId actor, const std::string& service,
                                const std::string& text) {
  std::string branch = actor_name(actor, {});
  branch = branch.starts_with("test/") ? branch.substr(5) : "";
  const std::string whole = fmt::format("{}|{}", branch, text);
  return fmt::format("{}|{}", whole, identities_[service + "\n" + whole]++);
}

Result<uint64_t> Execution::open_trace(ServiceId id, SyscallSet calls,
                                       std::vector<SyscallId> listed, bool stoppable) {
  if (!service(id).is_up())
    return failed(fmt::format("service \"{}\" is not running", topology_.at(id).name));
  std::string names;
  for (SyscallId call : listed) {
    if (!names.empty()) names += ",";
    names += row_of(call).name;
  }
  RuleScope& scope = rules_->open_trace(id, calls, stoppable);
  log_->append(id, EventType::kTraceApplied, clock_->now(),
               {{"trace", fmt::format("trace → filter:[{}]", names)}});
  return scope.id;
}

void Execution::close_scope(uint64_t scope_id) {
  for (const RuleScope& scope : rules_->history()) {
    if (scope.id != scope_id) continue;
    rules_->close(scope_id);
    scheduler_->end_waiting(scope);
    log_->append(scope.service, scope.trace ? EventType::kTraceRemoved : EventType::kFaultRemoved,
                 clock_->now(), {});
    return;
  }
}

void Execution::close_stoppable(ServiceId id, bool trace) {
  for (uint64_t scope : rules_->stoppable_scopes(id, trace)) close_scope(scope);
}

// --- concurrency and controlled order ------------------------------------------------------------

void Execution::parallel(ActorId parent, std::vector<std::function<void(ActorId)>> branches) {
  const bool outermost = parallel_depth_ == 0;
  if (outermost) {
    // What earlier steps have left to do does not.
    come_to_rest();
    begin_scope();
  }
  ++parallel_depth_;
  // Not on this stack: an aborted branch may be unwound after the body that waits here.
  const auto left = std::make_shared<size_t>(branches.size());
  for (size_t i = 0; i < branches.size(); ++i) {
    const ActorId actor = ActorId::branch(parent, static_cast<uint32_t>(i));
    loop_.fibers().spawn(fmt::format("branch {}", i),
                         [this, actor, left, run = std::move(branches[i])] {
                           const Running running(branch_fibers_, *left, waiting_);
                           run(actor);
                         });
  }
  waiting_.await([&] { return *left == 0; });
  --parallel_depth_;
  if (!outermost) return;
  // What the branches have set in motion still belongs to the explored scope.
  come_to_rest();
  end_scope();
}

void Execution::come_to_rest() {
  if (!scheduler_->controlled()) return;
  phase_ = Phase::kDraining;
  drained_ = false;
  waiting_.await([&] { return drained_; });
  phase_ = Phase::kBody;
}

void Execution::begin_scope() {
  if (options_.controlled && options_.chooser != nullptr)
    scheduler_->begin_scope(*options_.chooser, options_.max_steps, options_.want_values);
}

void Execution::end_scope() {
  if (!scheduler_->in_scope()) return;
  pending_ = scheduler_->parked();
  scheduler_->end_scope();
}

// The loop has nothing to do: where order is controlled, the next decision is due.
bool Execution::idle() {
  if (!scheduler_->controlled()) return false;
  const Status settled = env_->quiescence->settle();
  if (!settled.ok()) {
    abort({"error", settled.error().message, {}});
    scheduler_->let_go();
    return true;
  }
  // What was printed before belongs before the next decision.
  for (auto& runner : services_) runner->catch_up();
  if (loop_.fibers().anything_ready()) return true;
  switch (scheduler_->step(phase_ != Phase::kDraining)) {
    case Scheduler::StepOutcome::kMoved:
      return true;
    case Scheduler::StepOutcome::kIdle:
      return nothing_enabled();
    case Scheduler::StepOutcome::kStopped:
      pending_ = scheduler_->parked();
      cut_ = scheduler_->stop().end;
      if (*cut_ == EndState::kDiverged)
        diagnostics_.push_back({.code = "REPLAY_DIVERGED", .message = scheduler_->stop().message});
      abort(
          {*cut_ == EndState::kDiverged ? "diverged" : "error", stop_text(scheduler_->stop()), {}});
      return true;
  }
  return false;
}

bool Execution::nothing_enabled() {
  if (phase_ == Phase::kDraining) {
    drained_ = true;
    waiting_.notify();
    return true;
  }
  if (phase_ != Phase::kBody) return false;
  std::vector<Candidate> parked = scheduler_->parked();
  const bool locked = std::any_of(parked.begin(), parked.end(), waits_for_lock);
  if (!locked && clock_->earliest()) {
    clock_->advance();
    return true;
  }
  std::vector<Candidate> stuck = parked;
  if (locked)
    std::erase_if(stuck, [](const Candidate& candidate) { return !waits_for_lock(candidate); });
  const std::string message =
      "deadlock: " + describe_deadlock(scheduler_->steps(), stuck, log_->hosts());
  diagnostics_.push_back({.code = "DEADLOCK",
                          .message = message,
                          .suggestion = "each of these waits for something that only another of "
                                        "them can bring about"});
  pending_ = std::move(parked);
  cut_ = EndState::kDeadlock;
  abort({"deadlock", message, {}});
  return true;
}

}  // namespace fb
