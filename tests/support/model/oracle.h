// The exact answer by brute force: walks every prefix of every trace of a model program once,
// knows nothing of reduction. What the explorer reports is held against it.
#pragma once
#include "tests/support/model/program.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace fb::model {

struct OracleAnswer {
  uint64_t traces = 0;       // complete executions up to swapping independent neighbours
  uint64_t bad_traces = 0;   // of these: with a failing verdict (deadlocks included)
  uint64_t deadlocks = 0;    // of these: deadlocked
  double interleavings = 0;  // complete executions
  double bad_interleavings = 0;
  double random_walk_hits = 0;  // probability that a random walk fails
  std::set<std::string> outcomes;
  uint64_t states = 0;
};

OracleAnswer ask_oracle(const Program& program);

}  // namespace fb::model
