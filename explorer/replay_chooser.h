// The chooser that carries out a Plan: first its prefix, step by step and checked, then whatever is
// enabled and awake, as the policy says. It keeps the sleep set: an operation that sleeps was
// explored from here before and must not go until something it depends on has run.
#pragma once
#include "core/base/result.h"
#include "core/sched/world.h"
#include "explorer/policy.h"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace fb {

class ReplayChooser final : public Chooser {
 public:
  ReplayChooser(Plan plan, std::vector<std::string> services, std::unique_ptr<Policy> policy);

  std::optional<Choice> choose(const DecisionPoint& point) override;
  Stop stop() const override { return stop_; }

  // Anchored mode: planned steps that did not occur, and steps that were not planned.
  uint64_t skipped() const { return skipped_; }
  uint64_t inserted() const { return inserted_; }

 private:
  std::optional<Choice> diverge(const DecisionPoint& point, const PlannedStep& expected);
  std::optional<Choice> follow(const DecisionPoint& point);
  std::optional<Choice> follow_anchors(const DecisionPoint& point);
  void update_sleep(const DecisionPoint& point);
  std::vector<Choice> awake(const DecisionPoint& point) const;

  Plan plan_;
  std::vector<std::string> services_;
  std::unique_ptr<Policy> policy_;
  uint64_t decision_ = 0;
  size_t next_ = 0;                       // of the prefix
  size_t next_asleep_ = 0;                // of plan_.sleep
  std::map<Choice, Footprint> sleeping_;  // with what the operation would touch
  std::optional<Choice> chosen_;
  uint64_t skipped_ = 0, inserted_ = 0;
  Stop stop_;
};

// The chooser a world must use for `plan`. Error: unknown policy.
Result<std::unique_ptr<ReplayChooser>> make_chooser(const Plan& plan,
                                                    std::span<const std::string> services);

}  // namespace fb
