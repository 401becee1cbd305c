#include "explorer/replay_chooser.h"

#include "core/sched/blocking.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace fb {

namespace {

const Candidate* find_candidate(const DecisionPoint& point, ActorId actor) {
  for (const Candidate& candidate : point.candidates)
    if (candidate.actor == actor) return &candidate;
  return nullptr;
}

bool same_operation(const Candidate& candidate, const PlannedStep& step) {
  return step.operation.empty() ||
         (candidate.operation == step.operation && candidate.key == step.key);
}

std::string describe(std::string_view operation, std::string_view key) {
  return key.empty() ? std::string(operation) : fmt::format("{} {}", operation, key);
}

}  // namespace

ReplayChooser::ReplayChooser(Plan plan, std::vector<std::string> services,
                             std::unique_ptr<Policy> policy)
    : plan_(std::move(plan)), services_(std::move(services)), policy_(std::move(policy)) {}

std::optional<Choice> ReplayChooser::choose(const DecisionPoint& point) {
  update_sleep(point);
  std::optional<Choice> choice;
  if (next_ < plan_.prefix.size()) {
    choice = plan_.anchored ? follow_anchors(point) : follow(point);
    if (!choice && stop_.end != EndState::kComplete) return std::nullopt;
  }
  if (!choice) {
    const std::vector<Choice> possible = awake(point);
    if (possible.empty()) {
      stop_ = {EndState::kRedundant, {}};
      return std::nullopt;
    }
    choice = policy_->pick(point, possible);
  }
  policy_->chosen(point, *choice);
  chosen_ = choice;
  ++decision_;
  return choice;
}

std::optional<Choice> ReplayChooser::follow(const DecisionPoint& point) {
  stop_ = {EndState::kComplete, {}};
  const PlannedStep& step = plan_.prefix[next_];
  const Candidate* candidate = find_candidate(point, step.choice.actor);
  if (candidate == nullptr || !candidate->enabled || !same_operation(*candidate, step) ||
      step.choice.outcome >= candidate->outcomes()) {
    if (!step.tentative) return diverge(point, step);
    next_ = plan_.prefix.size();
    return std::nullopt;
  }
  if (sleeping_.contains(step.choice)) {
    stop_ = {EndState::kRedundant, {}};
    return std::nullopt;
  }
  ++next_;
  return step.choice;
}

// An actor whose operation is not the expected one has either lost planned operations (the present
// one comes later in the plan) or gained new ones (it does not).
std::optional<Choice> ReplayChooser::follow_anchors(const DecisionPoint& point) {
  stop_ = {EndState::kComplete, {}};
  for (; next_ < plan_.prefix.size(); ++next_, ++skipped_) {
    const PlannedStep& step = plan_.prefix[next_];
    const Candidate* candidate = find_candidate(point, step.choice.actor);
    if (candidate == nullptr) continue;
    if (same_operation(*candidate, step)) {
      if (!candidate->enabled) break;  // somebody else's new operation has to come first
      ++next_;
      return Choice{step.choice.actor, std::min(step.choice.outcome, candidate->outcomes() - 1)};
    }
    const bool comes_later = std::any_of(plan_.prefix.begin() + static_cast<ptrdiff_t>(next_) + 1,
                                         plan_.prefix.end(), [&](const PlannedStep& later) {
                                           return later.choice.actor == step.choice.actor &&
                                                  same_operation(*candidate, later);
                                         });
    if (comes_later) continue;
    if (!candidate->enabled) break;
    ++inserted_;
    return Choice{step.choice.actor, 0};
  }
  if (next_ < plan_.prefix.size()) ++inserted_;
  return std::nullopt;
}

std::optional<Choice> ReplayChooser::diverge(const DecisionPoint& point,
                                             const PlannedStep& expected) {
  const Candidate* candidate = find_candidate(point, expected.choice.actor);
  std::string actual;
  if (candidate == nullptr) {
    actual = "it waits for nothing";
  } else if (!same_operation(*candidate, expected)) {
    actual = fmt::format("it is at {}", describe(candidate->operation, candidate->key));
  } else if (!candidate->enabled) {
    actual = "that would block";
  } else {
    actual = fmt::format("that has only {} outcomes", candidate->outcomes());
  }
  std::string pending;
  for (const Candidate& other : point.candidates)
    pending +=
        fmt::format("{}{}: {}{}", pending.empty() ? "" : ", ", actor_name(other.actor, services_),
                    describe(other.operation, other.key), other.enabled ? "" : " (blocked)");
  stop_ = {EndState::kDiverged,
           fmt::format("decision {}: expected {} to do {}, but {}; pending: {}", decision_,
                       actor_name(expected.choice.actor, services_),
                       expected.operation.empty()
                           ? fmt::format("its next operation (outcome {})", expected.choice.outcome)
                           : describe(expected.operation, expected.key),
                       actual, pending)};
  return std::nullopt;
}

void ReplayChooser::update_sleep(const DecisionPoint& point) {
  for (auto entry = sleeping_.begin(); entry != sleeping_.end();) {
    const Candidate* candidate = find_candidate(point, entry->first.actor);
    // Looked at before and after the step that ran: whichever sees the dependence.
    const bool wakes = candidate == nullptr || chosen_->actor == entry->first.actor ||
                       entry->first.outcome >= candidate->outcomes() ||
                       (point.executed != nullptr &&
                        (ordered(entry->second, *point.executed) ||
                         ordered(candidate->footprint_of(entry->first.outcome), *point.executed)));
    if (wakes) {
      entry = sleeping_.erase(entry);
    } else {
      entry->second = candidate->footprint_of(entry->first.outcome);
      ++entry;
    }
  }
  // The plan counts its own steps, which in strict mode are the decisions.
  for (; next_asleep_ < plan_.sleep.size() && plan_.sleep[next_asleep_].from <= decision_;
       ++next_asleep_) {
    const Choice choice = plan_.sleep[next_asleep_].choice;
    const Candidate* candidate = find_candidate(point, choice.actor);
    if (candidate != nullptr && choice.outcome < candidate->outcomes())
      sleeping_.emplace(choice, candidate->footprint_of(choice.outcome));
  }
}

std::vector<Choice> ReplayChooser::awake(const DecisionPoint& point) const {
  std::vector<Choice> choices;
  for (const Candidate& candidate : point.candidates) {
    if (!candidate.enabled) continue;
    for (uint32_t outcome = 0; outcome < candidate.outcomes(); ++outcome)
      if (const Choice choice{candidate.actor, outcome}; !sleeping_.contains(choice))
        choices.push_back(choice);
  }
  return choices;
}

Result<std::unique_ptr<ReplayChooser>> make_chooser(const Plan& plan,
                                                    std::span<const std::string> services) {
  std::unique_ptr<Policy> policy =
      FB_TRY(make_policy(plan.policy, plan.policy_seed, plan.policy_data));
  return std::make_unique<ReplayChooser>(
      plan, std::vector<std::string>(services.begin(), services.end()), std::move(policy));
}

}  // namespace fb
