#include "core/sched/scheduler.h"

#include "core/base/check.h"
#include "core/model/errno_table.h"
#include "core/sched/blocking.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb {
namespace {

std::string deny_text(int error_number) {
  return fmt::format("deny({})", errno_text(error_number));
}

}  // namespace

Scheduler::Scheduler(const Topology& topology, EventLog& log, Clock& clock, RuleSets& rules)
    : log_(log),
      clock_(clock),
      rules_(rules),
      partitions_(topology),
      causality_(log),
      names_(topology.names()),
      free_services_(topology.services.size(), false) {}

OperationId Scheduler::submit(Operation operation, OperationOwner& owner, bool recorded) {
  auto waiting = std::make_unique<Waiting>();
  waiting->id = OperationId{next_id_++};
  waiting->operation = std::move(operation);
  waiting->owner = &owner;
  waiting->recorded = recorded;
  const OperationId id = waiting->id;
  if (steered(*waiting))
    parked_.emplace(id, std::move(waiting));
  else
    decide(std::move(waiting));
  return id;
}

void Scheduler::withdraw(OperationId id) {
  parked_.erase(id);
  delayed_.erase(id);
  late_.erase(id);
  if (held_.erase(id) != 0) held_changed();
}

bool Scheduler::steered(const Waiting& waiting) const {
  const ServiceId service = waiting.operation.service;
  return controlled_ && (service == kTestDriver || !free_services_[service.value]);
}

void Scheduler::decide(std::unique_ptr<Waiting> waiting) {
  const Operation& operation = waiting->operation;
  // A partition is a scope among the others: rules of older ones are not asked.
  const std::optional<PartitionSet::Cut> cut = partitions_.cut(operation);
  RuleVerdict verdict;
  if (waiting->recorded) verdict = rules_.evaluate(operation, cut ? cut->id : 0);
  if (verdict.fired == nullptr) {
    const bool traced = verdict.traced && !partitions_.concerns(operation.service);
    const char* text = traced ? "trace" : verdict.system_path ? "allow (system path)" : "allow";
    waiting->settled = cut ? Settled{cut->decision, cut->text} : Settled{Allow{}, text};
    return carry_out(std::move(waiting));
  }
  const FaultAction& action = verdict.fired->rule.action;
  if (const auto* deny = std::get_if<DenyAction>(&action)) {
    waiting->settled =
        Settled{Deny{deny->error_number}, deny_text(deny->error_number), {}, verdict.fired};
    return carry_out(std::move(waiting));
  }
  if (const auto* pause = std::get_if<DelayAction>(&action))
    return delay(std::move(waiting), verdict, *pause);
  if (const auto* gate = std::get_if<HoldAction>(&action))
    return hold(std::move(waiting), verdict, *gate);
  waiting->settled = Settled{Allow{}, "allow", {}, verdict.fired};
  carry_out(std::move(waiting));
}

void Scheduler::settle(std::unique_ptr<Waiting> waiting, Settled settled) {
  waiting->settled = std::move(settled);
  if (steered(*waiting)) {
    const OperationId id = waiting->id;
    parked_.emplace(id, std::move(waiting));
  } else {
    carry_out(std::move(waiting));
  }
}

void Scheduler::refused(const Operation& operation, int error_number, std::string_view reason) {
  log_.append(operation.service, EventType::kSyscall, clock_.now(),
              {{"syscall", std::string(operation.name())},
               {"pid", std::to_string(operation.pid)},
               {"decision", deny_text(error_number)},
               {"label", std::string(reason)}});
}

void Scheduler::retry(OperationId id, bool at_once) {
  auto node = late_.extract(id);
  if (!node.empty()) carry_out(std::move(node.mapped()), at_once);
}

void Scheduler::carry_out(std::unique_ptr<Waiting> waiting, bool at_once) {
  FB_CHECK(waiting->settled.has_value());
  if (waiting->waited) meet_partition(*waiting);
  if (!controlled_ && std::holds_alternative<Allow>(waiting->settled->decision) &&
      !waiting->owner->about_to_go(waiting->id, waiting->operation) && !at_once && !letting_go_) {
    const OperationId id = waiting->id;
    late_.emplace(id, std::move(waiting));
    return;
  }
  const Settled& settled = *waiting->settled;
  carried_out_ = append(*waiting, settled.text, settled.latency, settled.rule);
  waiting->owner->decided(waiting->id, settled.decision);
}

// The call is made now, so the network of now decides. (An allow() that shields from an older
// partition has not waited.)
void Scheduler::meet_partition(Waiting& waiting) const {
  Settled& settled = *waiting.settled;
  if (!std::holds_alternative<Allow>(settled.decision)) return;
  std::optional<PartitionSet::Cut> cut = partitions_.cut(waiting.operation);
  if (!cut) return;
  settled.decision = cut->decision;
  settled.text = cut->text + (waiting.tag.empty() ? "" : " (released)");
}

void Scheduler::delay(std::unique_ptr<Waiting> waiting, const RuleVerdict& verdict,
                      const DelayAction& action) {
  const OperationId id = waiting->id;
  const RuleState* rule = verdict.fired;
  waiting->scope = verdict.scope->id;
  waiting->since = clock_.now();
  waiting->settled = Settled{Allow{}, action_text(action), action.duration, rule};
  waiting->waited = true;
  waiting->timer = clock_.after(action.duration, [this, id] {
    auto node = delayed_.extract(id);
    if (node.empty()) return;
    std::unique_ptr<Waiting> due = std::move(node.mapped());
    Settled settled = std::move(*due->settled);
    settle(std::move(due), std::move(settled));
  });
  delayed_.emplace(id, std::move(waiting));
}

void Scheduler::hold(std::unique_ptr<Waiting> waiting, const RuleVerdict& verdict,
                     const HoldAction& action) {
  const OperationId id = waiting->id;
  waiting->tag = action.tag;
  waiting->scope = verdict.scope->id;
  waiting->since = clock_.now();
  waiting->settled = Settled{Allow{}, "allow (released)", {}, verdict.fired};
  waiting->waited = true;
  waiting->hold_seq = append(*waiting, action_text(action), {}, verdict.fired);
  held_.emplace(id, std::move(waiting));
  held_changed();
}

void Scheduler::release_held(OperationId id, std::optional<int> error_number) {
  auto node = held_.extract(id);
  if (node.empty()) return;
  std::unique_ptr<Waiting> waiting = std::move(node.mapped());
  // It goes because the driver says so.
  log_.learn(waiting->operation.service, log_.clock_of(kTestDriver), log_.last_of(kTestDriver));
  Settled settled = std::move(*waiting->settled);
  if (error_number) {
    settled.decision = Deny{*error_number};
    settled.text = deny_text(*error_number) + " (released)";
  }
  settle(std::move(waiting), std::move(settled));
}

size_t Scheduler::release(std::string_view tag, std::optional<size_t> n,
                          std::optional<int> error_number) {
  std::vector<OperationId> chosen;
  for (const auto& [id, waiting] : held_)
    if (waiting->tag == tag && (!n || chosen.size() < *n)) chosen.push_back(id);
  for (OperationId id : chosen) release_held(id, error_number);
  if (!chosen.empty()) held_changed();
  return chosen.size();
}

std::vector<HeldCall> Scheduler::held(std::optional<std::string_view> tag) const {
  std::vector<HeldCall> calls;
  for (const auto& [id, waiting] : held_) {
    if (tag && waiting->tag != *tag) continue;
    const Operation& operation = waiting->operation;
    calls.push_back({id, operation.service, std::string(operation.name()), operation.path,
                     waiting->tag, waiting->hold_seq, operation.pid, waiting->since});
  }
  std::sort(calls.begin(), calls.end(),
            [](const HeldCall& a, const HeldCall& b) { return a.seq < b.seq; });
  return calls;
}

void Scheduler::end_waiting(const RuleScope& scope) {
  std::vector<OperationId> held_ids, delayed_ids;
  for (const auto& [id, waiting] : held_)
    if (waiting->scope == scope.id) held_ids.push_back(id);
  for (const auto& [id, waiting] : delayed_)
    if (waiting->scope == scope.id) delayed_ids.push_back(id);
  for (OperationId id : held_ids) release_held(id, std::nullopt);
  for (OperationId id : delayed_ids) end_delay(id);
  if (!held_ids.empty()) held_changed();
}

void Scheduler::end_all_waiting() {
  while (!held_.empty()) release_held(held_.begin()->first, std::nullopt);
  while (!delayed_.empty()) end_delay(delayed_.begin()->first);
}

// The pause ends early: the event tells how long it really was.
void Scheduler::end_delay(OperationId id) {
  auto node = delayed_.extract(id);
  std::unique_ptr<Waiting> waiting = std::move(node.mapped());
  waiting->timer.reset();
  Settled settled = std::move(*waiting->settled);
  settled.latency = std::min(settled.latency, clock_.now() - waiting->since);
  settle(std::move(waiting), std::move(settled));
}

void Scheduler::control() {
  controlled_ = true;
}

void Scheduler::let_go() {
  controlled_ = false;
  chooser_ = nullptr;
  letting_go_ = true;
  while (!late_.empty()) retry(late_.begin()->first, true);
  while (!parked_.empty()) {
    auto node = parked_.extract(parked_.begin());
    std::unique_ptr<Waiting> waiting = std::move(node.mapped());
    if (waiting->settled)
      carry_out(std::move(waiting));
    else
      decide(std::move(waiting));
  }
}

void Scheduler::set_free(ServiceId service) {
  free_services_[service.value] = true;
}

void Scheduler::begin_scope(Chooser& chooser, uint64_t max_steps, bool want_values) {
  chooser_ = &chooser;
  want_values_ = want_values;
  max_steps_ = max_steps;
  stop_ = {EndState::kComplete, {}};
}

void Scheduler::end_scope() {
  chooser_ = nullptr;
}

Candidate Scheduler::candidate_of(Waiting& waiting) {
  Operation& operation = waiting.operation;
  Candidate candidate;
  candidate.actor = operation.actor;
  candidate.operation = std::string(operation.name());
  const bool made_now = !waiting.settled || waiting.waited;
  const std::optional<PartitionSet::Cut> cut =
      made_now ? partitions_.cut(operation) : std::optional<PartitionSet::Cut>();
  const RuleSets::Preview preview = waiting.recorded && !waiting.settled
                                        ? rules_.preview(operation, cut ? cut->id : 0)
                                        : RuleSets::Preview{};
  const FaultAction* action = preview.fires != nullptr ? &preview.fires->action : nullptr;
  const bool denied = (action == nullptr && cut) ||
                      (action != nullptr && std::holds_alternative<DenyAction>(*action)) ||
                      (waiting.settled && std::holds_alternative<Deny>(waiting.settled->decision));
  const bool waits = action != nullptr && (std::holds_alternative<HoldAction>(*action) ||
                                           std::holds_alternative<DelayAction>(*action));
  // A call that is denied or put on hold touches nothing and cannot block.
  operation.footprint = {};
  operation.potential = {};
  candidate.enabled = waiting.owner->probe(waiting.id, operation) || denied || waits;
  if (denied || waits) operation.footprint = {};
  for (const std::string& counter : preview.counters)
    operation.footprint.write(object_key("rule " + counter));
  // Who sees that a call is held may act on it; what that will be cannot be told.
  if (action != nullptr && std::holds_alternative<HoldAction>(*action))
    operation.footprint.everything();
  candidate.key = operation.key;
  candidate.footprint = operation.footprint;
  candidate.potential = operation.potential;
  return candidate;
}

std::vector<Candidate> Scheduler::parked() {
  std::vector<Candidate> candidates;
  for (auto& [id, waiting] : parked_) candidates.push_back(candidate_of(*waiting));
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.actor < b.actor; });
  return candidates;
}

Scheduler::StepOutcome Scheduler::step(bool time_may_pass) {
  FB_CHECK(controlled_);
  std::vector<Candidate> candidates = parked();
  const bool enabled = std::any_of(candidates.begin(), candidates.end(),
                                   [](const Candidate& c) { return c.enabled; });
  if (!enabled) {
    if (!time_may_pass || clock_.mode() != Clock::Mode::kVirtual || !clock_.expects_event() ||
        has_lock_cycle(steps_, candidates))
      return StepOutcome::kIdle;
    clock_.advance();
    return StepOutcome::kMoved;
  }
  const DecisionPoint point{steps_.size(), candidates, last_actor_,
                            steps_.empty() ? nullptr : &steps_.back().footprint};
  if (in_scope() && steps_.size() >= max_steps_) {
    stop_ = {EndState::kStepLimit, {}};
    return StepOutcome::kStopped;
  }
  Chooser& chooser = in_scope() ? *chooser_ : static_cast<Chooser&>(default_chooser_);
  const std::optional<Choice> choice = chooser.choose(point);
  if (!choice) {
    stop_ = chooser.stop();
    return StepOutcome::kStopped;
  }
  auto chosen = std::find_if(parked_.begin(), parked_.end(), [&](const auto& entry) {
    return entry.second->operation.actor == choice->actor;
  });
  FB_CHECK(chosen != parked_.end());
  std::unique_ptr<Waiting> waiting = std::move(parked_.extract(chosen).mapped());
  last_actor_ = choice->actor;
  const bool recorded = in_scope();
  if (recorded) {
    steps_.push_back({std::move(candidates), *choice, waiting->operation.footprint, {}});
    if (want_values_) steps_.back().value = waiting->owner->value_of(waiting->id);
  }
  carried_out_ = 0;
  if (waiting->settled)
    carry_out(std::move(waiting));
  else
    decide(std::move(waiting));
  if (recorded) steps_.back().seq = carried_out_;
  return StepOutcome::kMoved;
}

uint64_t Scheduler::append(const Waiting& waiting, std::string_view decision, Duration latency,
                           const RuleState* rule) {
  const Operation& operation = waiting.operation;
  std::vector<uint64_t> causes = causality_.learn(operation.service, operation.footprint);
  uint64_t seq = 0;
  if (waiting.recorded) {
    const SyscallRow& row = row_of(operation.call);
    constexpr size_t kUsualBytes = 56;  // besides the path
    FieldList fields;
    fields.reserve(kUsualBytes + operation.path.size());
    fields.add("syscall", row.name);
    fields.add("pid", static_cast<uint64_t>(operation.pid));
    fields.add("decision", decision);
    if (!operation.path.empty()) fields.add("path", operation.path);
    if (latency > Duration::zero())
      fields.add("latency_ms",
                 static_cast<uint64_t>(
                     std::chrono::duration_cast<std::chrono::milliseconds>(latency).count()));
    if (rule != nullptr && !rule->rule.label.empty()) fields.add("label", rule->rule.label);
    if (rule != nullptr && !rule->rule.op.empty()) fields.add("op", rule->rule.op);
    if (!row.family.empty()) fields.add("family", row.family);
    if (operation.tid != operation.pid) fields.add("tid", static_cast<uint64_t>(operation.tid));
    if (operation.fd >= 0) fields.add("fd", static_cast<uint64_t>(operation.fd));
    if (row.size >= 0) fields.add("size", operation.size);
    if (operation.peer) fields.add("dest", operation.peer->text());
    if (!waiting.tag.empty()) fields.add("tag", waiting.tag);
    if (rule != nullptr) fields.add("rule", rule->rule.identity);
    seq = log_.append(operation.service, EventType::kSyscall, clock_.now(), std::move(fields),
                      std::move(causes))
              .seq;
  }
  causality_.publish(operation.service, operation.footprint, seq);
  return seq;
}

void Scheduler::held_changed() const {
  if (held_changed_) held_changed_();
}

}  // namespace fb
