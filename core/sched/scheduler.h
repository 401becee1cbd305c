// The one object that decides. Every operation of every actor is submitted here and gets exactly
// one Decision; what happened is appended to the EventLog in the order in which decisions take
// effect. Pure: it knows neither processes nor sockets.
//
// Free order: a submitted operation is decided at once, unless a delay or a hold keeps it waiting
// at a gate. Controlled order: submitted operations park; step() asks the chooser which enabled one
// goes next. Nothing else moves.
//
//   submit → rules, partitions → (gate | clock) → about_to_go → decided        free
//   submit → park → step(): chooser → rules → (gate | clock) → decided        controlled
#pragma once
#include "core/model/decision.h"
#include "core/model/fault_rule.h"
#include "core/model/operation.h"
#include "core/model/topology.h"
#include "core/sched/causality.h"
#include "core/sched/clock.h"
#include "core/sched/decision_point.h"
#include "core/sched/execution_record.h"
#include "core/sched/partitions.h"
#include "core/sched/rule_set.h"
#include "core/trace/event_log.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fb {

// Whoever submits operations: the supervisor for syscalls, the network seam for steps.
class OperationOwner {
 public:
  virtual ~OperationOwner() = default;
  // The answer, exactly once per submitted operation that was not withdrawn. May be called from
  // inside submit().
  virtual void decided(OperationId id, const Decision& decision) = 0;
  // Controlled order only: brings `operation.footprint` and `.key` up to date and tells whether it
  // could go now without blocking. No side effect on the world.
  virtual bool probe(OperationId id, Operation& operation) = 0;
  // Free order only: the operation is allowed and would be made now. Fills in `operation.footprint`
  // as far as it is known what the call will find. False: the call would wait for somebody else, or
  // somebody else's call is under way whose effect it would meet; it waits, unlogged, until
  // retry().
  virtual bool about_to_go(OperationId /*id*/, Operation& /*operation*/) { return true; }
  // What it is about to read or write, for people; "" when there is nothing to tell.
  virtual std::string value_of(OperationId /*id*/) { return {}; }
};

struct HeldCall {
  OperationId id;
  ServiceId service;
  std::string syscall, path, tag;
  uint64_t seq = 0;  // of the hold event
  int pid = 0;
  Instant since;
};

class Scheduler {
 public:
  Scheduler(const Topology& topology, EventLog& log, Clock& clock, RuleSets& rules);
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Hands in what an actor wants to do. `recorded`: it becomes an event (spec §8.9); unrecorded
  // ones follow no rule in free order.
  OperationId submit(Operation operation, OperationOwner& owner, bool recorded);
  // A call that the runner itself refuses, whatever the rules say (io_uring_setup, spec §8.2): its
  // event, with the reason as label.
  void refused(const Operation& operation, int error_number, std::string_view reason);
  // Free order: what about_to_go() said no to asks again. `at_once`: it goes whatever the answer.
  void retry(OperationId id, bool at_once = false);
  // Something without an operation of its own (a step's I/O in free order): arrows only.
  void pass(ServiceId service, const Footprint& footprint) { causality_.pass(service, footprint); }
  // The asker is gone (its thread died): forgets the operation; it gets no decision.
  void withdraw(OperationId id);

  // What is cut is decided by these, together with the rules; see decide().
  PartitionSet& partitions() { return partitions_; }
  const PartitionSet& partitions() const { return partitions_; }

  // --- gates
  // -------------------------------------------------------------------------------------------------------------------------
  // Lets the `n` oldest held calls of the tag go (all when empty), failing them with `error_number`
  // if given. Returns how many.
  size_t release(std::string_view tag, std::optional<size_t> n, std::optional<int> error_number);
  std::vector<HeldCall> held(std::optional<std::string_view> tag) const;  // oldest first
  // Releases what holds of these rules keep waiting (their scope closed) and ends their delays.
  void end_waiting(const RuleScope& scope);
  void end_all_waiting();
  // Called whenever the list of held calls has changed.
  void on_held_changed(std::function<void()> listener) { held_changed_ = std::move(listener); }

  // --- controlled order
  // --------------------------------------------------------------------------------------------------------------
  // From now on operations park and step() moves them, chosen by the default order.
  void control();
  bool controlled() const { return controlled_; }
  // Back to free order: everything parked is decided at once (the test is over, services are to
  // stop).
  void let_go();
  // Services whose calls are no decision points (nondet()).
  void set_free(ServiceId service);
  // Choices between begin_scope and end_scope are made by `chooser` and recorded.
  // `want_values`: with what each step read or wrote.
  void begin_scope(Chooser& chooser, uint64_t max_steps, bool want_values = false);
  void end_scope();
  bool in_scope() const { return chooser_ != nullptr; }

  enum class StepOutcome {
    kMoved,    // one operation was let go (or a timer fired)
    kIdle,     // nothing is enabled, and no timer that anybody waits for
    kStopped,  // the chooser ended the execution; see stop()
  };
  // One decision. Call only when it is quiet (core/sched/quiescence.h). With nothing enabled,
  // virtual time moves to the next timer if `time_may_pass` and somebody waits for one (limits
  // alone do not count).
  StepOutcome step(bool time_may_pass = true);

  const std::vector<ExecutedStep>& steps() const { return steps_; }
  std::vector<Candidate> parked();  // refreshed, sorted by actor
  // Why the last step() was kStopped.
  const Chooser::Stop& stop() const { return stop_; }

 private:
  // An operation between submit() and decided(). `verdict` is set once rules or a release have
  // settled what becomes of it; it then only waits for its turn.
  struct Settled {
    Decision decision;
    std::string text;  // decision string of spec §8.7
    Duration latency{};
    const RuleState* rule = nullptr;
  };
  struct Waiting {
    OperationId id;
    Operation operation;
    OperationOwner* owner = nullptr;
    bool recorded = false;
    std::optional<Settled> settled;
    bool waited = false;  // held or delayed: the network may have changed since
    std::string tag;      // held: the gate's
    uint64_t scope = 0;   // held or delayed: the scope whose rule keeps it waiting
    uint64_t hold_seq = 0;
    Instant since;
    std::unique_ptr<Timer> timer;  // delayed
  };
  using WaitingMap = std::map<OperationId, std::unique_ptr<Waiting>>;

  bool steered(const Waiting& waiting) const;
  void decide(std::unique_ptr<Waiting> waiting);
  // Gives it its turn: at once, or where order is controlled when the chooser says so.
  void settle(std::unique_ptr<Waiting> waiting, Settled settled);
  void carry_out(std::unique_ptr<Waiting> waiting, bool at_once = false);
  void meet_partition(Waiting& waiting) const;
  void hold(std::unique_ptr<Waiting> waiting, const RuleVerdict& verdict, const HoldAction& action);
  void delay(std::unique_ptr<Waiting> waiting, const RuleVerdict& verdict,
             const DelayAction& action);
  void release_held(OperationId id, std::optional<int> error_number);
  void end_delay(OperationId id);
  uint64_t append(const Waiting& waiting, std::string_view decision, Duration latency,
                  const RuleState* rule);
  Candidate candidate_of(Waiting& waiting);
  void held_changed() const;

  EventLog& log_;
  Clock& clock_;
  RuleSets& rules_;
  PartitionSet partitions_;
  Causality causality_;
  std::vector<std::string> names_;
  WaitingMap parked_, held_, delayed_;
  WaitingMap late_;          // free order: about_to_go() said no
  bool letting_go_ = false;  // nothing waits for anybody any more
  uint64_t next_id_ = 1;
  bool controlled_ = false;
  std::vector<bool> free_services_;
  Chooser* chooser_ = nullptr;
  DefaultChooser default_chooser_;
  uint64_t max_steps_ = 0;
  bool want_values_ = false;
  uint64_t carried_out_ = 0;  // seq of the last event of an operation's end
  std::optional<ActorId> last_actor_;
  std::vector<ExecutedStep> steps_;
  Chooser::Stop stop_{EndState::kComplete, {}};
  std::function<void()> held_changed_;
};

}  // namespace fb
