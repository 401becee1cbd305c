// Is the dependence relation right? Runs pairs of real calls from a prepared state in both orders,
// under the real supervisor, and compares what the relation says of them with what came out: calls
// that it holds for independent must give the same results and leave the same state either way.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace fb {

// One call of each of two processes, as tests/guests/pairs.c spells them.
struct CallPair {
  std::string first, second;
};

struct PairVerdict {
  CallPair pair;
  bool comparable = false;        // both orders could be run
  bool commutes = false;          // and gave the same
  bool held_independent = false;  // by the relation, in at least one order
  std::string wrong;              // what the relation got wrong, with results; empty: nothing
};

std::vector<PairVerdict> audit(const std::vector<CallPair>& pairs);

}  // namespace fb
