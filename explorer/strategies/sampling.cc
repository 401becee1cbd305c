#include "explorer/strategies/sampling.h"

#include "core/base/draw.h"
#include "explorer/policy.h"

#include <utility>

namespace fb {

namespace {

class Sampling final : public Strategy {
 public:
  explicit Sampling(SamplingOptions options) : options_(std::move(options)) {}

  std::vector<uint64_t> upcoming(size_t n) override {
    std::vector<uint64_t> tickets;
    for (uint64_t i = next_; i < options_.runs && tickets.size() < n; ++i) tickets.push_back(i + 1);
    return tickets;
  }

  Plan plan(uint64_t ticket) const override {
    Plan plan = options_.base;
    plan.policy = options_.strategy;
    plan.policy_seed = splitmix_finalise(splitmix_finalise(options_.seed) + ticket);
    return plan;
  }

  void commit(uint64_t /*ticket*/, const ExecutionRecord& /*record*/) override { ++next_; }

 private:
  SamplingOptions options_;
  uint64_t next_ = 0;
};

}  // namespace

Result<std::unique_ptr<Strategy>> make_sampling(SamplingOptions options) {
  FB_TRY(make_policy(options.strategy, 0, ""));
  return std::unique_ptr<Strategy>(std::make_unique<Sampling>(std::move(options)));
}

}  // namespace fb
