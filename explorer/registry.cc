// Which policies there are: one row each, in alphabetical order.
#include "core/base/text.h"
#include "explorer/policy.h"
#include "explorer/sampling/random_walk.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace fb {

namespace {

// Non-preemptive: the last actor goes on while it can, then the next one in order. So the free part
// of an execution adds as few preemptions as possible.
class DefaultPolicy final : public Policy {
 public:
  Choice pick(const DecisionPoint& point, std::span<const Choice> awake) override {
    for (Choice choice : awake)
      if (point.last && choice.actor == *point.last) return choice;
    return awake.front();
  }
};

constexpr std::array<std::string_view, 1> kNames = {"rw"};

}  // namespace

std::span<const std::string_view> policy_names() {
  return kNames;
}

Result<std::unique_ptr<Policy>> make_policy(std::string_view text, uint64_t seed,
                                            std::string_view /*data*/) {
  if (text == "default") return std::unique_ptr<Policy>(std::make_unique<DefaultPolicy>());
  if (text == "rw") return std::unique_ptr<Policy>(std::make_unique<RandomWalk>(seed));
  return invalid(
      fmt::format("unknown strategy {} (one of: {})", quote(text), join(policy_names(), ", ")));
}

}  // namespace fb
