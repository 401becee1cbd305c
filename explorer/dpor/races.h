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
#include "explorer/dpor/happens_before.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace fb {

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
    return step == reversal.second ? reversal.choice : order_.choice(step);
  }
  const Footprint& footprint(const Reversal& reversal, StepIndex step) const {
    return step == reversal.second ? reversal.footprint : order_.touched(step);
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

 private:
  void reverse_races_of(StepIndex second, std::vector<Reversal>& all) const;
  bool reverse(StepIndex first, StepIndex second, std::vector<Reversal>& all) const;
  std::optional<std::vector<StepIndex>> kept_steps(StepIndex first, StepIndex second,
                                                   const Footprint& any, bool keep_clashing) const;
  bool provided_otherwise(StepIndex earlier, StepIndex second) const;
  bool keeps_from(StepIndex first, StepIndex step, StepIndex second) const;
  bool stays_blocked(StepIndex first, StepIndex second) const;
  Reversal with_outcome(StepIndex step, uint32_t outcome) const;

  HappensBefore order_;
};

}  // namespace fb
