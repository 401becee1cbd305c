#include "explorer/strategies/bounded.h"

#include "core/base/check.h"

#include <algorithm>

namespace fb {

namespace {

bool can_go(const std::vector<Candidate>& candidates, ActorId actor) {
  return std::any_of(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
    return candidate.actor == actor && candidate.enabled;
  });
}

}  // namespace

BoundedSearch::BoundedSearch(uint32_t preemptions_max, Plan base)
    : preemptions_max_(preemptions_max), base_(std::move(base)) {
  plan_branch({});
}

void BoundedSearch::plan_branch(Branch branch) {
  const uint64_t ticket = next_ticket_++;
  pending_.emplace(branch.preemptions, ticket);
  branches_.emplace(ticket, std::move(branch));
}

// A place planned for may have been reached with fewer preemptions in the meantime.
void BoundedSearch::forget_overtaken() {
  while (!pending_.empty()) {
    const auto next = branches_.find(pending_.begin()->second);
    const Branch& branch = next->second;
    if (branch.depth == 0 || cheapest_.at(branch.place) == branch.preemptions) return;
    pending_.erase(pending_.begin());
    branches_.erase(next);
  }
}

std::vector<uint64_t> BoundedSearch::upcoming(size_t n) {
  forget_overtaken();
  std::vector<uint64_t> tickets;
  for (const auto& [preemptions, ticket] : pending_) {
    if (tickets.size() == n) break;
    tickets.push_back(ticket);
  }
  return tickets;
}

Plan BoundedSearch::plan(uint64_t ticket) const {
  Plan plan = base_;
  for (const Path* path = branches_.at(ticket).path.get(); path != nullptr;
       path = path->before.get())
    plan.prefix.push_back(path->step);
  std::reverse(plan.prefix.begin(), plan.prefix.end());
  return plan;
}

bool BoundedSearch::is_cheaper(const Place& place, uint32_t preemptions) {
  const auto [known, is_new] = cheapest_.try_emplace(place, preemptions);
  if (is_new) return true;
  if (known->second <= preemptions) return false;
  known->second = preemptions;
  return true;
}

void BoundedSearch::commit(uint64_t ticket, const ExecutionRecord& record) {
  const auto node = branches_.extract(ticket);
  FB_CHECK(!node.empty());
  const Branch& branch = node.mapped();
  pending_.erase({branch.preemptions, ticket});
  TraceHasher trace;
  std::shared_ptr<const Path> path;
  uint32_t preemptions = 0;
  for (size_t depth = 0; depth < record.steps.size(); ++depth) {
    const ExecutedStep& step = record.steps[depth];
    const std::optional<ActorId> last =
        depth == 0 ? std::nullopt : std::optional(record.steps[depth - 1].choice.actor);
    const bool goes_on = last && can_go(step.candidates, *last);
    const auto price = [&](ActorId actor) { return goes_on && actor != *last ? 1u : 0u; };
    if (depth >= branch.depth) {
      for (const Candidate& candidate : step.candidates) {
        if (!candidate.enabled) continue;
        for (uint32_t outcome = 0; outcome < candidate.outcomes(); ++outcome) {
          const Choice choice{candidate.actor, outcome};
          if (choice == step.choice) continue;
          const uint32_t cost = preemptions + price(candidate.actor);
          if (cost > preemptions_max_) {
            cut_ = true;
            continue;
          }
          const Place place{
              trace.beginning_with(candidate, outcome, candidate.footprint_of(outcome)),
              candidate.actor};
          if (!is_cheaper(place, cost)) continue;
          plan_branch({std::make_shared<const Path>(
                           Path{path, {choice, candidate.operation, candidate.key}}),
                       depth + 1, cost, place});
        }
      }
    }
    preemptions += price(step.choice.actor);
    trace.add(step);
    path = std::make_shared<const Path>(
        Path{path, {step.choice, step.chosen().operation, step.chosen().key}});
    // From a place that was reached before everything is planned already.
    if (depth >= branch.depth && !is_cheaper({trace.beginning(), step.choice.actor}, preemptions))
      return;
  }
}

std::optional<std::string> BoundedSearch::bound_hit() const {
  if (!pending_.empty() || cut_) return "preemptions";
  return std::nullopt;
}

}  // namespace fb
