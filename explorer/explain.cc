#include "explorer/explain.h"

#include "core/sched/blocking.h"
#include "explorer/continuation_world.h"
#include "explorer/dpor/races.h"
#include "explorer/strategies/exhaustive.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <utility>

namespace fb {

namespace {

size_t common_beginning(const ExecutionRecord& a, const ExecutionRecord& b) {
  size_t i = 0;
  while (i < a.steps.size() && i < b.steps.size() && a.steps[i].choice == b.steps[i].choice) ++i;
  return i;
}

bool has_verdict(const ExecutionRecord& record) {
  return record.end == EndState::kComplete || record.end == EndState::kDeadlock ||
         record.end == EndState::kLivelock;
}

class Explainer {
 public:
  Explainer(World& world, const Plan& plan, const ExecutionRecord& failing,
            const ExplainOptions& options)
      : world_(world), plan_(plan), failing_(failing), races_(failing), options_(options) {
    plan_.prefix.clear();
    plan_.sleep.clear();
    plan_.policy = "default";
  }

  Explanation run() {
    count_relevant();
    reverse_races();
    prove_critical_decision();
    if (explanation_.passing) describe_difference();
    return std::move(explanation_);
  }

 private:
  bool spent() {
    return executions_ >= options_.executions_max ||
           (options_.out_of_time && options_.out_of_time());
  }

  void count_relevant() {
    std::set<ObjectKey> raced_for;
    for (const Reversal& reversal : races_.reversals())
      for (const Access& access : failing_.steps[reversal.first].footprint.accesses)
        for (const Access& other : races_.footprint(reversal, reversal.second).accesses)
          if (clash(access, other)) raced_for.insert(access.object);
    for (const ExecutedStep& step : failing_.steps)
      explanation_.relevant +=
          step.choice.outcome != 0 ||
          std::any_of(step.footprint.accesses.begin(), step.footprint.accesses.end(),
                      [&](const Access& access) { return raced_for.contains(access.object); });
  }

  // The race that, turned round, makes the test pass; of several the latest.
  void reverse_races() {
    std::vector<Reversal> reversals = races_.reversals();
    std::stable_sort(reversals.begin(), reversals.end(),
                     [](const Reversal& a, const Reversal& b) { return a.first > b.first; });
    for (const Reversal& reversal : reversals) {
      if (spent()) return;
      Plan plan = plan_;
      for (StepIndex i = 0; i < reversal.first; ++i)
        plan.prefix.push_back({failing_.steps[i].choice, "", "", true});
      for (StepIndex step : reversal.steps)
        plan.prefix.push_back({races_.choice(reversal, step), "", "", true});
      ExecutionRecord record = execute(plan);
      if (!has_verdict(record) || record.failed) continue;
      if (reversal.second != reversal.first) describe_race(reversal.first, reversal.second);
      offer_passing(std::move(record));
      return;
    }
  }

  // Explores what can follow ever longer beginnings of the failing execution, until nothing that
  // follows passes.
  void prove_critical_decision() {
    size_t kept = explanation_.passing ? common_beginning(*explanation_.passing, failing_) + 1 : 1;
    while (kept <= failing_.steps.size()) {
      ContinuationWorld after(world_, failing_, kept);
      ExhaustiveSearch search({.base = plan_});
      bool passes = false;
      while (!passes) {
        const std::vector<uint64_t> tickets = search.upcoming(1);
        if (tickets.empty()) break;
        if (spent()) return;
        ++executions_;
        after.start(tickets[0], search.plan(tickets[0]));
        const ExecutionRecord record = after.await_any().record;
        if (record.end == EndState::kDiverged || record.end == EndState::kBroken) return;
        search.commit(tickets[0], record);
        passes = has_verdict(record) && !record.failed;
        if (passes) offer_passing(after.whole(record));
      }
      if (!passes) {
        // From the beginning on nothing passes: no decision is to blame.
        if (!explanation_.passing) return;
        explanation_.critical = kept - 1;
        explanation_.critical_decision = describe_decision(kept - 1);
        return;
      }
      kept = std::max(kept, common_beginning(*explanation_.passing, failing_)) + 1;
    }
  }

  void offer_passing(ExecutionRecord record) {
    if (!explanation_.passing ||
        common_beginning(record, failing_) > common_beginning(*explanation_.passing, failing_))
      explanation_.passing = std::move(record);
  }

  ExecutionRecord execute(const Plan& plan) {
    ++executions_;
    world_.start(0, plan);
    return world_.await_any().record;
  }

  void describe_race(StepIndex first, StepIndex second) {
    RacingAccess a = access_of(first, second), b = access_of(second, first);
    // "after A's read, before A's write": the second step fell in between.
    const ActorId actor = failing_.steps[first].choice.actor;
    for (StepIndex next = second + 1; next < failing_.steps.size(); ++next) {
      const ExecutedStep& step = failing_.steps[next];
      if (step.choice.actor != actor || !ordered(step.footprint, footprint_of(second))) continue;
      b.remark = fmt::format("after {}'s {}, before {}'s {}", a.actor, a.call, a.actor,
                             step.chosen().operation);
      break;
    }
    if (b.remark.empty()) b.remark = fmt::format("after {}'s {}", a.actor, a.call);
    if (second >= failing_.steps.size())
      b.remark = fmt::format("waits: after {}'s {}", a.actor, a.call);
    explanation_.race = {std::move(a), std::move(b)};
    explanation_.race_steps = {first, second};
  }

  RacingAccess access_of(StepIndex index, StepIndex other) const {
    const Candidate& candidate = index < failing_.steps.size()
                                     ? failing_.steps[index].chosen()
                                     : failing_.pending[index - failing_.steps.size()];
    RacingAccess access;
    access.actor = actor_name(candidate.actor, failing_.services);
    access.call = candidate.operation;
    access.object = candidate.key;
    for (const Access& mine : footprint_of(index).accesses)
      for (const Access& theirs : footprint_of(other).accesses)
        access.writes = access.writes || (mine.mode != AccessMode::kRead && clash(mine, theirs));
    return access;
  }

  // Of a step, or of what was parked at the end.
  const Footprint& footprint_of(StepIndex index) const {
    return index < failing_.steps.size()
               ? failing_.steps[index].footprint
               : failing_.pending[index - failing_.steps.size()].footprint;
  }

  std::string describe_step(const ExecutionRecord& record, size_t index) const {
    if (index >= record.steps.size()) return "nothing more";
    const ExecutedStep& step = record.steps[index];
    const Candidate& chosen = step.chosen();
    return fmt::format(
        "{} at {}{}{}{}", actor_name(chosen.actor, record.services), chosen.operation,
        chosen.key.empty() ? "" : " ", chosen.key,
        step.choice.outcome == 0 ? "" : fmt::format(" (outcome {})", step.choice.outcome));
  }

  std::string describe_decision(size_t index) const {
    return fmt::format("decision {}, {}: whatever comes after it, the test fails", index,
                       describe_step(failing_, index));
  }

  void describe_difference() {
    const size_t index = common_beginning(*explanation_.passing, failing_);
    explanation_.first_difference =
        fmt::format("decision {}: here {}, in the passing one {}", index,
                    describe_step(failing_, index), describe_step(*explanation_.passing, index));
  }

  World& world_;
  Plan plan_;
  const ExecutionRecord& failing_;
  const RaceAnalysis races_;
  const ExplainOptions& options_;
  Explanation explanation_;
  uint64_t executions_ = 0;
};

}  // namespace

Explanation explain(World& world, const Plan& plan, const ExecutionRecord& failing,
                    const ExplainOptions& options) {
  return Explainer(world, plan, failing, options).run();
}

}  // namespace fb
