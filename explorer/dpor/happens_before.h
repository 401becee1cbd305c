// The happens-before relation of one execution, as vector clocks over its actors. What was still
// parked at the end is part of it, as if it came last.
//
// A step happens after its actor's step before, after the step that made it appear (the fork of its
// process, the end of a call that blocked in the kernel), and after every earlier step it depends
// on.
#pragma once
#include "core/sched/execution_record.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fb {

// A step of the record, or (from record.steps.size() on) something pending at its end.
using StepIndex = size_t;

class HappensBefore {
 public:
  explicit HappensBefore(const ExecutionRecord& record);

  size_t executed() const { return record_.steps.size(); }
  size_t count() const { return record_.steps.size() + record_.pending.size(); }
  bool is_pending(StepIndex step) const { return step >= record_.steps.size(); }

  const Candidate& candidate(StepIndex step) const;
  Choice choice(StepIndex step) const;
  const Footprint& touched(StepIndex step) const;
  const std::vector<ActorId>& actors() const { return actors_; }     // sorted
  size_t actor_of(StepIndex step) const { return actor_of_[step]; }  // index into actors()
  uint32_t number(StepIndex step) const { return number_[step]; }    // from 1, per actor
  // The first decision at which it was parked, without a break until it ran.
  size_t arrival(StepIndex step) const { return arrival_[step]; }
  // What `actor` was parked at then; null: nothing.
  const Candidate* at_decision(size_t decision, ActorId actor) const;

  bool before(StepIndex earlier, StepIndex later) const {
    return number_[earlier] <= clocks_[later][actor_of_[earlier]];
  }

  // By actor: how many of its steps happened before, or are the step itself.
  using Clock = std::vector<uint32_t>;
  const Clock& clock(StepIndex step) const { return clocks_[step]; }
  // What happens before the step whatever it touches: its actor and what made it appear.
  Clock clock_on_arrival(StepIndex step) const;
  bool known(StepIndex step, const Clock& clock) const {
    return number_[step] <= clock[actor_of_[step]];
  }

  // The earlier step made available what the later one needs, or took it.
  bool provides_for(StepIndex earlier, StepIndex later) const;
  bool takes_from(StepIndex earlier, StepIndex later) const;

 private:
  void index_actors();
  void find_arrivals();
  void order_steps();

  const ExecutionRecord& record_;
  std::vector<ActorId> actors_;
  std::vector<size_t> actor_of_;
  std::vector<uint32_t> number_;
  std::vector<StepIndex> previous_;  // the actor's step before, or itself
  std::vector<size_t> arrival_;
  std::vector<Clock> clocks_;
};

void merge_clock(HappensBefore::Clock& into, const HappensBefore::Clock& from);

}  // namespace fb
