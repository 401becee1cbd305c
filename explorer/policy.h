// How to go on where nothing is prescribed: picks one of the choices that are enabled and awake.
// The random ones are the samplers of the literature; they are told of every step, prescribed ones
// included. All of them are functions of the plan alone.
#pragma once
#include "core/base/result.h"
#include "core/sched/decision_point.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace fb {

class Policy {
 public:
  virtual ~Policy() = default;
  // `awake` is sorted and not empty.
  virtual Choice pick(const DecisionPoint& point, std::span<const Choice> awake) = 0;
  // `choice` is about to be carried out, whoever chose it.
  virtual void chosen(const DecisionPoint& /*point*/, Choice /*choice*/) {}
};

// "default", or one of policy_names(); a parameter follows a colon ("pct:3"). `data` is what the
// sampler learned in earlier executions (Plan::policy_data).
Result<std::unique_ptr<Policy>> make_policy(std::string_view text, uint64_t seed,
                                            std::string_view data);
// For messages and suggestions, sorted.
std::span<const std::string_view> policy_names();

}  // namespace fb
