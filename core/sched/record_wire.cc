#include "core/sched/record_wire.h"

namespace fb {
namespace {

void write(WireWriter& w, const std::vector<Access>& accesses) {
  w.count(accesses.size());
  for (const Access& access : accesses) {
    w.u64(access.object.value);
    w.u64(static_cast<uint64_t>(access.mode));
    w.u64(access.low);
    w.u64(access.high);
  }
}

Result<std::vector<Access>> read_accesses(WireReader& r) {
  std::vector<Access> accesses;
  const size_t n = FB_TRY(r.count(4));
  accesses.reserve(n);
  for (size_t i = 0; i < n; ++i) {
    Access access;
    access.object.value = FB_TRY(r.u64());
    access.mode =
        static_cast<AccessMode>(FB_TRY(r.u64_at_most(static_cast<uint64_t>(AccessMode::kAdd))));
    access.low = FB_TRY(r.u64());
    access.high = FB_TRY(r.u64());
    accesses.push_back(access);
  }
  return accesses;
}

}  // namespace

void write_actor(WireWriter& w, const ActorId& actor) {
  w.u64(static_cast<uint64_t>(actor.kind));
  w.u64(actor.index);
  w.u64(actor.process);
  w.u64(actor.thread);
}

Result<ActorId> read_actor(WireReader& r) {
  ActorId actor;
  actor.kind = static_cast<ActorId::Kind>(
      FB_TRY(r.u64_at_most(static_cast<uint64_t>(ActorId::Kind::kProxy))));
  actor.index = static_cast<uint16_t>(FB_TRY(r.u64_at_most(UINT16_MAX)));
  actor.process = static_cast<uint32_t>(FB_TRY(r.u64_at_most(UINT32_MAX)));
  actor.thread = static_cast<uint32_t>(FB_TRY(r.u64_at_most(UINT32_MAX)));
  return actor;
}

void write_footprint(WireWriter& w, const Footprint& footprint) {
  w.boolean(footprint.conservative);
  write(w, footprint.accesses);
  write(w, footprint.provides);
  write(w, footprint.needs);
}

Result<Footprint> read_footprint(WireReader& r) {
  Footprint footprint;
  footprint.conservative = FB_TRY(r.boolean());
  footprint.accesses = FB_TRY(read_accesses(r));
  footprint.provides = FB_TRY(read_accesses(r));
  footprint.needs = FB_TRY(read_accesses(r));
  return footprint;
}

void write_choice(WireWriter& w, const Choice& choice) {
  write_actor(w, choice.actor);
  w.u64(choice.outcome);
}

Result<Choice> read_choice(WireReader& r) {
  Choice choice;
  choice.actor = FB_TRY(read_actor(r));
  choice.outcome = static_cast<uint32_t>(FB_TRY(r.u64_at_most(UINT32_MAX)));
  return choice;
}

namespace {

void write(WireWriter& w, const Candidate& candidate) {
  write_actor(w, candidate.actor);
  w.string(candidate.operation);
  w.string(candidate.key);
  write_footprint(w, candidate.footprint);
  write_footprint(w, candidate.potential);
  w.boolean(candidate.enabled);
  w.count(candidate.alternatives.size());
  for (const Footprint& alternative : candidate.alternatives) write_footprint(w, alternative);
}

Result<Candidate> read_candidate(WireReader& r) {
  Candidate candidate;
  candidate.actor = FB_TRY(read_actor(r));
  candidate.operation = FB_TRY(r.string());
  candidate.key = FB_TRY(r.string());
  candidate.footprint = FB_TRY(read_footprint(r));
  candidate.potential = FB_TRY(read_footprint(r));
  candidate.enabled = FB_TRY(r.boolean());
  const size_t alternatives = FB_TRY(r.count(4));
  for (size_t i = 0; i < alternatives; ++i)
    candidate.alternatives.push_back(FB_TRY(read_footprint(r)));
  return candidate;
}

void write(WireWriter& w, const std::vector<Candidate>& candidates) {
  w.count(candidates.size());
  for (const Candidate& candidate : candidates) write(w, candidate);
}

Result<std::vector<Candidate>> read_candidates(WireReader& r) {
  std::vector<Candidate> candidates;
  const size_t n = FB_TRY(r.count(15));
  for (size_t i = 0; i < n; ++i) candidates.push_back(FB_TRY(read_candidate(r)));
  return candidates;
}

}  // namespace

std::string encode_plan(const Plan& plan) {
  WireWriter w;
  w.u64(plan.seed);
  w.count(plan.prefix.size());
  for (const PlannedStep& step : plan.prefix) {
    write_choice(w, step.choice);
    w.string(step.operation);
    w.string(step.key);
    w.boolean(step.tentative);
  }
  w.count(plan.sleep.size());
  for (const Asleep& asleep : plan.sleep) {
    write_choice(w, asleep.choice);
    w.u64(asleep.from);
  }
  w.string(plan.policy);
  w.u64(plan.policy_seed);
  w.string(plan.policy_data);
  w.u64(plan.max_steps);
  w.boolean(plan.anchored);
  w.boolean(plan.want_result);
  return w.take();
}

Result<Plan> decode_plan(std::string_view bytes) {
  WireReader r(bytes);
  Plan plan;
  plan.seed = FB_TRY(r.u64());
  const size_t steps = FB_TRY(r.count(7));
  for (size_t i = 0; i < steps; ++i) {
    PlannedStep step;
    step.choice = FB_TRY(read_choice(r));
    step.operation = FB_TRY(r.string());
    step.key = FB_TRY(r.string());
    step.tentative = FB_TRY(r.boolean());
    plan.prefix.push_back(std::move(step));
  }
  const size_t asleep = FB_TRY(r.count(5));
  for (size_t i = 0; i < asleep; ++i) {
    Asleep entry;
    entry.choice = FB_TRY(read_choice(r));
    entry.from = FB_TRY(r.u64());
    plan.sleep.push_back(entry);
  }
  plan.policy = FB_TRY(r.string());
  plan.policy_seed = FB_TRY(r.u64());
  plan.policy_data = FB_TRY(r.string());
  plan.max_steps = FB_TRY(r.u64());
  plan.anchored = FB_TRY(r.boolean());
  plan.want_result = FB_TRY(r.boolean());
  FB_TRY(r.finish());
  return plan;
}

std::string encode_record(const ExecutionRecord& record) {
  WireWriter w;
  w.u64(static_cast<uint64_t>(record.end));
  w.boolean(record.failed);
  w.string(record.outcome);
  w.string(record.failure);
  w.string(record.message);
  w.count(record.steps.size());
  for (const ExecutedStep& step : record.steps) {
    write(w, step.candidates);
    write_choice(w, step.choice);
    write_footprint(w, step.footprint);
    w.string(step.value);
    w.u64(step.seq);
    w.boolean(step.state.has_value());
    if (step.state) {
      w.u64(step.state->high);
      w.u64(step.state->low);
    }
  }
  write(w, record.pending);
  w.count(record.services.size());
  for (const std::string& service : record.services) w.string(service);
  w.string(record.result);
  return w.take();
}

Result<ExecutionRecord> decode_record(std::string_view bytes) {
  WireReader r(bytes);
  ExecutionRecord record;
  record.end =
      static_cast<EndState>(FB_TRY(r.u64_at_most(static_cast<uint64_t>(EndState::kBroken))));
  record.failed = FB_TRY(r.boolean());
  record.outcome = FB_TRY(r.string());
  record.failure = FB_TRY(r.string());
  record.message = FB_TRY(r.string());
  const size_t steps = FB_TRY(r.count(10));
  for (size_t i = 0; i < steps; ++i) {
    ExecutedStep step;
    step.candidates = FB_TRY(read_candidates(r));
    step.choice = FB_TRY(read_choice(r));
    step.footprint = FB_TRY(read_footprint(r));
    step.value = FB_TRY(r.string());
    step.seq = FB_TRY(r.u64());
    if (FB_TRY(r.boolean())) {
      const uint64_t high = FB_TRY(r.u64());
      step.state = Hash128{high, FB_TRY(r.u64())};
    }
    record.steps.push_back(std::move(step));
  }
  record.pending = FB_TRY(read_candidates(r));
  const size_t services = FB_TRY(r.count(1));
  for (size_t i = 0; i < services; ++i) record.services.push_back(FB_TRY(r.string()));
  record.result = FB_TRY(r.string());
  FB_TRY(r.finish());
  return record;
}

}  // namespace fb
