// The reversible races of one execution. Two steps race when they are dependent, of different
// actors, and nothing else orders them; the race is reversible when the second could have gone
// first. What blocked at the end takes part as a second step: its turn may come in the reversal. A
// step that could have had another outcome races with itself.
//
// A reversal is the sequence to be run, instead of the first step, from the state before it: all
// later steps that do not happen after it, then the second step.
//
// Whether the second step would have been enabled there is told from what was recorded, never
// guessed away: it is given up only where the record shows that it was blocked, or that it needed
// what the first step provided. What cannot be told is tried (`tentative`), which may cost an
// execution but never a trace.
#pragma once
#include "core/sched/execution_record.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace fb {

// One step of a reversal: a step of the record, or (from record.steps.size() on) something pending
// at its end.
using StepIndex = size_t;

struct Reversal {
  StepIndex first = 0, second = 0;  // the race; equal: another outcome of one step
  std::vector<StepIndex> steps;     // ends with `second`
  // The second step in its new place: what is chosen, and what that is taken to touch.
  Choice choice;
  Footprint footprint;
  bool tentative = false;
};

class RaceAnalysis {
 public:
  explicit RaceAnalysis(const ExecutionRecord& record);

  // All reversals, in the order of second steps, nearest first step first.
  std::vector<Reversal> reversals() const;

  // --- about one step of a reversal
  Choice choice(const Reversal& reversal, StepIndex step) const {
    return step == reversal.second ? reversal.choice : recorded_choice(step);
  }
  const Footprint& footprint(const Reversal& reversal, StepIndex step) const {
    return step == reversal.second ? reversal.footprint : touched(step);
  }

  // Could `choice`, which touches `footprint`, be run before the reversal without changing its
  // trace? As its first step of that actor, or (weakly) as a step it does not have.
  struct Initial {
    bool strong = false;  // it is in the sequence, at `position`, and nothing before it orders it
    bool weak = false;    // or it is not in the sequence and independent of all of it
    size_t position = 0;
    explicit operator bool() const { return strong || weak; }
  };
  Initial initial(const Reversal& reversal, Choice choice, const Footprint& footprint) const;

  bool happens_before(StepIndex earlier, StepIndex later) const;

 private:
  using Clock = std::vector<uint32_t>;  // by actor: how many of its steps happened before

  size_t count() const { return record_.steps.size() + record_.pending.size(); }
  bool is_pending(StepIndex step) const { return step >= record_.steps.size(); }
  const Candidate& candidate(StepIndex step) const;
  Choice recorded_choice(StepIndex step) const;
  const Footprint& touched(StepIndex step) const;
  const Candidate* at_decision(size_t decision, ActorId actor) const;
  void index_actors();
  void find_arrivals();
  void order_steps();
  void reverse_races_of(StepIndex second, std::vector<Reversal>& all) const;
  std::optional<Reversal> reverse(StepIndex first, StepIndex second) const;
  Reversal with_outcome(StepIndex step, uint32_t outcome) const;
  bool provides_for(StepIndex earlier, StepIndex later) const;

  const ExecutionRecord& record_;
  std::vector<ActorId> actors_;      // sorted
  std::vector<size_t> actor_of_;     // by step: index into actors_
  std::vector<uint32_t> number_;     // by step: its number among the actor's steps, from 1
  std::vector<StepIndex> previous_;  // by step: the actor's step before, or itself
  // By step: the first decision at which it was parked, without a break until it ran.
  std::vector<size_t> arrival_;
  std::vector<Clock> clocks_;
};

}  // namespace fb
