// What the executions of a search add up to: the counters of the report, the traces and outcomes
// seen. Everything in it is a function of the records and their order.
#pragma once
#include "core/base/wire.h"
#include "core/run/test_result.h"
#include "core/sched/trace_hash.h"
#include "core/sched/world.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace fb {

class Tally {
 public:
  uint64_t executions() const { return report_.executions; }
  uint64_t failures() const { return report_.failures; }
  uint64_t traces() const { return traces_.size(); }
  uint64_t decisions() const { return decisions_; }
  bool step_limit_hit() const { return step_limit_hit_; }

  // `merged`: it ended in a state that was explored before. `schedule` gives the record's text
  // form.
  template <class ScheduleText>
  void add(const ExecutionRecord& record, bool merged, ScheduleText schedule) {
    count(record, merged);
    if (record.end == EndState::kRedundant) return;
    Outcome& outcome = outcomes_[record.outcome];
    if (outcome.executions++ == 0) outcome.example = schedule();
  }

  // Fills in the counters. `parts`: also what is needed to join it with other parts.
  void report(ExplorationReport& report, bool sampled, bool parts) const;

  void save(WireWriter& out) const;
  Status load(WireReader& in);

 private:
  struct Outcome {
    uint64_t executions = 0;
    std::string example;
  };
  void count(const ExecutionRecord& record, bool merged);

  ExplorationReport report_;  // of which only the counters are used
  uint64_t decisions_ = 0;
  bool step_limit_hit_ = false;
  std::map<Hash128, uint64_t> traces_;
  std::map<std::string, Outcome> outcomes_;
  std::set<std::pair<std::string, std::string>> conservative_;
};

// Good and Turing: what was seen once only is as likely as what was not seen yet.
double chance_of_something_new(const std::map<std::string, uint64_t>& seen);

}  // namespace fb
