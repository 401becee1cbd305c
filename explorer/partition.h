// Cuts an exhaustive search into disjoint parts: the first decisions are gone through in all ways
// that sleep sets leave (so no trace is in two parts), and what can follow each is a part of its
// own. A function of the world alone: every shard of a search finds the same parts.
#pragma once
#include "core/sched/world.h"
#include "explorer/search_tree.h"

#include <vector>

namespace fb {

struct SearchPart {
  std::vector<PlannedStep> beginning;
  std::vector<SearchTree::Sleeper> asleep;  // after it: what other parts explore
};

// At least `wanted` parts, if there are as many. `base`: seed and limits of the executions that are
// needed to look. Error: an execution could not be run, or did not repeat what it did before.
Result<std::vector<SearchPart>> partition_search(World& world, const Plan& base, size_t wanted);

}  // namespace fb
