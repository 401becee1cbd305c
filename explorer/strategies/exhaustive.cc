#include "explorer/strategies/exhaustive.h"

#include "core/base/check.h"

#include <algorithm>
#include <array>
#include <utility>

namespace fb {

namespace {

constexpr std::array<std::pair<std::string_view, Reduction>, 4> kReductions = {{
    {"none", Reduction::kNone},
    {"optimal", Reduction::kOptimal},
    {"sleep", Reduction::kSleep},
    {"source", Reduction::kSource},
}};

}  // namespace

std::optional<Reduction> parse_reduction(std::string_view name) {
  for (const auto& [text, reduction] : kReductions)
    if (text == name) return reduction;
  return std::nullopt;
}

std::string_view reduction_name(Reduction reduction) {
  for (const auto& [text, value] : kReductions)
    if (value == reduction) return text;
  return {};
}

ExhaustiveSearch::ExhaustiveSearch(ExhaustiveOptions options)
    : options_(std::move(options)),
      tree_(options_.order, options_.reduction != Reduction::kNone, options_.asleep) {}

std::vector<uint64_t> ExhaustiveSearch::upcoming(size_t n) {
  std::vector<uint64_t> tickets = tree_.next_tickets(n);
  if (options_.preemptions_max)
    std::erase_if(tickets, [&](uint64_t ticket) {
      return tree_.preemptions_of(ticket) > *options_.preemptions_max;
    });
  return tickets;
}

std::optional<std::string> ExhaustiveSearch::bound_hit() const {
  if (options_.preemptions_max && tree_.open() > 0) return "preemptions";
  return std::nullopt;
}

std::optional<std::string> ExhaustiveSearch::save() const {
  WireWriter out;
  tree_.save(out);
  return out.take();
}

Status ExhaustiveSearch::load(std::string_view saved) {
  WireReader in(saved);
  tree_ = FB_TRY(SearchTree::load(in, options_.order, options_.reduction != Reduction::kNone));
  return in.finish();
}

Plan ExhaustiveSearch::plan(uint64_t ticket) const {
  Plan plan = tree_.plan(ticket);
  plan.seed = options_.base.seed;
  plan.max_steps = options_.base.max_steps;
  plan.want_result = options_.base.want_result;
  return plan;
}

void ExhaustiveSearch::commit(uint64_t ticket, const ExecutionRecord& record) {
  const size_t planned_depth = tree_.at(tree_.leaf_of(ticket)).depth;
  const std::vector<NodeId> path = tree_.enter(ticket, record);
  switch (options_.reduction) {
    case Reduction::kNone:
    case Reduction::kSleep:
      plan_everything_else(path, record, planned_depth);
      break;
    case Reduction::kSource:
    case Reduction::kOptimal:
      plan_reversals(path, record);
      break;
  }
  tree_.tidy(path);
}

void ExhaustiveSearch::plan_everything_else(const std::vector<NodeId>& path,
                                            const ExecutionRecord& record, size_t from) {
  for (size_t depth = from; depth < record.steps.size(); ++depth) {
    const ExecutedStep& step = record.steps[depth];
    for (const Candidate& candidate : step.candidates) {
      if (!candidate.enabled) continue;
      for (uint32_t outcome = 0; outcome < candidate.outcomes(); ++outcome) {
        const Choice choice{candidate.actor, outcome};
        const auto& sleep = tree_.at(path[depth]).sleep;
        const bool sleeps = std::any_of(sleep.begin(), sleep.end(),
                                        [&](const auto& s) { return s.choice == choice; });
        if (choice != step.choice && !sleeps)
          tree_.add(path[depth], {choice, candidate.footprint_of(outcome)});
      }
    }
  }
}

void ExhaustiveSearch::plan_reversals(const std::vector<NodeId>& path,
                                      const ExecutionRecord& record) {
  const RaceAnalysis races(record);
  for (const Reversal& reversal : races.reversals()) {
    const NodeId node = path[reversal.first];
    if (asleep(node, races, reversal)) continue;
    if (options_.reduction == Reduction::kSource)
      insert_source(node, races, reversal);
    else
      insert_optimal(node, path[reversal.first + 1], races, reversal);
  }
}

// Explored already, from a state further up: something that sleeps here could begin the reversal.
bool ExhaustiveSearch::asleep(NodeId node, const RaceAnalysis& races,
                              const Reversal& reversal) const {
  for (const SearchTree::Sleeper& sleeper : tree_.at(node).sleep) {
    const RaceAnalysis::Initial initial =
        races.initial(reversal, sleeper.choice, sleeper.footprint);
    if (options_.reduction == Reduction::kSource ? initial.strong : bool{initial}) return true;
  }
  return false;
}

void ExhaustiveSearch::insert_source(NodeId node, const RaceAnalysis& races,
                                     const Reversal& reversal) {
  for (NodeId child : tree_.at(node).children)
    if (races.initial(reversal, tree_.at(child).choice, tree_.at(child).footprint).strong) return;
  // The second step itself where it can begin, else whatever comes first.
  const size_t last = reversal.steps.size() - 1;
  const bool second_first =
      races.initial(reversal, reversal.choice, reversal.footprint).position == last;
  add_step(node, races, reversal, second_first ? last : 0, false);
}

// Children left of the execution's own path are relied upon: a reversal that one of them could
// begin is explored below it. Right of the path it is not enough that one could begin it, for there
// the path's child sleeps, and its exploration may rely on what is found here: the reversal has to
// be found, or put, below it as a whole. It is found where it leads through the end of a plan,
// since nothing sleeps there.
void ExhaustiveSearch::insert_optimal(NodeId node, NodeId child_of_path, const RaceAnalysis& races,
                                      const Reversal& reversal) {
  Reversal rest = reversal;
  bool left_of_path = true;
  while (true) {
    NodeId next = node;
    for (NodeId child : tree_.at(node).children) {
      if (child == child_of_path) {
        left_of_path = false;
        continue;
      }
      const SearchTree::Node& there = tree_.at(child);
      if (there.was_free && !left_of_path) continue;
      const RaceAnalysis::Initial initial = races.initial(rest, there.choice, there.footprint);
      if (!initial) continue;
      if (left_of_path || there.was_leaf || there.ticket != 0) return;
      if (initial.strong) {
        rest.steps.erase(rest.steps.begin() + static_cast<ptrdiff_t>(initial.position));
        if (rest.steps.empty()) return;
      }
      next = child;
      break;
    }
    if (next == node) break;
    node = next;
    left_of_path = false;
  }
  for (size_t i = 0; i < rest.steps.size(); ++i) {
    const auto actor = races.choice(rest, rest.steps[i]).actor;
    const bool wants_more =
        std::any_of(rest.steps.begin() + static_cast<ptrdiff_t>(i) + 1, rest.steps.end(),
                    [&](StepIndex later) { return races.choice(rest, later).actor == actor; });
    node = add_step(node, races, rest, i, wants_more);
  }
}

ExhaustiveSearch::NodeId ExhaustiveSearch::add_step(NodeId parent, const RaceAnalysis& races,
                                                    const Reversal& reversal, size_t step,
                                                    bool wants_more) {
  const StepIndex what = reversal.steps[step];
  const Choice choice = races.choice(reversal, what);
  const Footprint& footprint = races.footprint(reversal, what);
  const bool tentative = what == reversal.second && reversal.tentative;
  return tree_.add(parent, {choice, footprint, tentative, wants_more});
}

}  // namespace fb
