// Which policies there are: one row each, in alphabetical order.
#include "core/base/text.h"
#include "explorer/policy.h"
#include "explorer/sampling/pct.h"
#include "explorer/sampling/pos.h"
#include "explorer/sampling/profile.h"
#include "explorer/sampling/random_walk.h"
#include "explorer/sampling/surw.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>

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

constexpr std::array<std::string_view, 4> kNames = {"pct:D", "pos", "rw", "surw"};

}  // namespace

std::span<const std::string_view> policy_names() {
  return kNames;
}

Result<std::unique_ptr<Policy>> make_policy(std::string_view text, uint64_t seed,
                                            std::string_view data) {
  if (text == "default") return std::unique_ptr<Policy>(std::make_unique<DefaultPolicy>());
  const Profile profile = FB_TRY(decode_profile(data));
  if (const std::optional<uint32_t> depth = pct_depth(text))
    return std::unique_ptr<Policy>(
        std::make_unique<ProbabilisticConcurrencyTesting>(seed, *depth, profile.decisions));
  if (text == "pos") return std::unique_ptr<Policy>(std::make_unique<PartialOrderSampling>(seed));
  if (text == "surw")
    return std::unique_ptr<Policy>(std::make_unique<SelectivelyUniform>(seed, profile));
  if (text == "rw") return std::unique_ptr<Policy>(std::make_unique<RandomWalk>(seed));
  return invalid(
      fmt::format("unknown strategy {} (one of: {})", quote(text), join(policy_names(), ", ")));
}

}  // namespace fb
