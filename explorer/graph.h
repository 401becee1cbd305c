// A small search as a picture: every state that was reached (a beginning of a trace) is a node,
// every step an edge. In the DOT language, for Graphviz.
#pragma once
#include "core/sched/execution_record.h"
#include "core/sched/trace_hash.h"

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace fb {

class SearchGraph {
 public:
  // Beyond so many nodes nothing is added, and the picture says so: nobody could look at it.
  explicit SearchGraph(size_t nodes_max = 5'000) : nodes_max_(nodes_max) {}

  void add(const ExecutionRecord& record);
  std::string dot() const;

 private:
  enum class Look { kInner, kPassed, kFailed, kRedundant };
  size_t node_of(Hash128 state);

  size_t nodes_max_;
  bool cut_ = false;
  std::map<Hash128, size_t> numbers_;
  std::vector<Look> looks_;
  std::map<std::pair<size_t, size_t>, std::string> edges_;
};

}  // namespace fb
