// What one execution did, as a strategy needs it: the decisions in order, what stayed parked at the
// end, and the verdict. A plain value: it travels between the worker that ran it and the campaign.
#pragma once
#include "core/sched/decision_point.h"
#include "core/sched/hash128.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fb {

struct ExecutedStep {
  std::vector<Candidate> candidates;  // the decision point as it was
  Choice choice;
  Footprint footprint;  // of the chosen operation, as it really ran
  // What it read or wrote, for people, where that was asked for (Plan::want_result).
  std::string value;
  uint64_t seq = 0;  // its event; 0: none
  // A name for the whole state before the step, if the world has one: what every process has
  // observed so far, and all they share. From equal states the same can follow.
  std::optional<Hash128> state = std::nullopt;
  bool operator==(const ExecutedStep&) const = default;

  const Candidate& chosen() const;
};

struct ExecutionRecord {
  EndState end = EndState::kComplete;
  bool failed = false;  // the test's verdict (deadlock, livelock and divergence are failures)
  std::string outcome;  // verdict + normalized step results: equal iff the user saw the same
  std::string failure;  // which failure: its type and what it is about; equal iff it is the same
  std::string message;  // reason of a failure, or what diverged
  std::vector<ExecutedStep> steps;  // decisions inside the explored scope
  std::vector<Candidate>
      pending;  // parked when the scope ended (all disabled, or the execution was cut)
  std::vector<std::string> services;  // names by ServiceId, for actor_name()
  std::string result;                 // the serialized test result; opaque to strategies

  bool operator==(const ExecutionRecord&) const = default;
};

}  // namespace fb
