// Exhaustive search, in the four ways of --reduce. All share the search tree and differ in what
// they plan after each execution:
//   none     every other enabled choice at every decision
//   sleep    the same, but what was explored sleeps (Godefroid)
//   source   for every reversible race one step that begins its reversal (Source-DPOR)
//   optimal  for every reversible race the whole reversal (Optimal-DPOR, wakeup trees): one
//            execution per trace, none redundant
#pragma once
#include "explorer/dpor/races.h"
#include "explorer/search_tree.h"
#include "explorer/strategy.h"

#include <optional>
#include <string_view>

namespace fb {

enum class Reduction : uint8_t { kNone, kSleep, kSource, kOptimal };
std::optional<Reduction> parse_reduction(std::string_view name);  // "none", "sleep", …
std::string_view reduction_name(Reduction reduction);

struct ExhaustiveOptions {
  Reduction reduction = Reduction::kOptimal;
  SearchTree::Order order = SearchTree::Order::kFewestPreemptions;
  std::optional<uint32_t> preemptions_max;  // what would need more is left out
  Plan base;                                // seed and limits of every plan
  std::vector<SearchTree::Sleeper> asleep;  // at the root, where this is a part of a larger search
};

class ExhaustiveSearch final : public Strategy {
 public:
  explicit ExhaustiveSearch(ExhaustiveOptions options);

  std::vector<uint64_t> upcoming(size_t n) override;
  Plan plan(uint64_t ticket) const override;
  void commit(uint64_t ticket, const ExecutionRecord& record) override;
  std::optional<std::string> bound_hit() const override;
  std::optional<double> open_share() const override { return tree_.open_share(); }
  std::optional<std::string> save() const override;
  Status load(std::string_view saved) override;

 private:
  using NodeId = SearchTree::NodeId;

  void plan_everything_else(const std::vector<NodeId>& path, const ExecutionRecord& record,
                            size_t from);
  void plan_reversals(const std::vector<NodeId>& path, const ExecutionRecord& record);
  void insert_source(NodeId node, const RaceAnalysis& races, const Reversal& reversal);
  void insert_optimal(NodeId node, NodeId child_of_path, const RaceAnalysis& races,
                      const Reversal& reversal);
  bool asleep(NodeId node, const RaceAnalysis& races, const Reversal& reversal) const;
  NodeId add_step(NodeId parent, const RaceAnalysis& races, const Reversal& reversal, size_t step,
                  bool wants_more);

  ExhaustiveOptions options_;
  SearchTree tree_;
};

}  // namespace fb
