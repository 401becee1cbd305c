#include "explorer/strategies/sampling.h"

#include "core/base/draw.h"
#include "core/base/wire.h"
#include "explorer/policy.h"
#include "explorer/sampling/profile.h"

#include <utility>

namespace fb {

namespace {

class Sampling final : public Strategy {
 public:
  explicit Sampling(SamplingOptions options)
      : options_(std::move(options)), next_(options_.shard.index) {}

  std::optional<Plan> measurement() const override {
    Plan plan = options_.base;
    plan.seed = 0;
    return plan;
  }

  void measured(const ExecutionRecord& record) override {
    profile_ = encode_profile(profile_of(record));
  }

  std::vector<uint64_t> upcoming(size_t n) override {
    std::vector<uint64_t> tickets;
    for (uint64_t i = next_; i < options_.runs && tickets.size() < n; i += options_.shard.count)
      tickets.push_back(i + 1);
    return tickets;
  }

  Plan plan(uint64_t ticket) const override {
    const uint64_t run = options_.seed + ticket - 1;
    Plan plan = options_.base;
    plan.seed = run;
    plan.policy = options_.strategy;
    if (options_.strategy == "portfolio") plan.policy = run % 2 == 0 ? "surw" : "pos";
    plan.policy_seed = splitmix_finalise(run + 1);
    plan.policy_data = profile_;
    return plan;
  }

  void commit(uint64_t /*ticket*/, const ExecutionRecord& /*record*/) override {
    next_ += options_.shard.count;
  }

  std::optional<double> open_share() const override {
    if (options_.runs == UINT64_MAX) return std::nullopt;
    return next_ >= options_.runs
               ? 0.0
               : 1 - static_cast<double>(next_) / static_cast<double>(options_.runs);
  }

  std::optional<std::string> save() const override {
    WireWriter out;
    out.u64(next_);
    return out.take();
  }
  Status load(std::string_view saved) override {
    WireReader in(saved);
    next_ = FB_TRY(in.u64());
    return in.finish();
  }

 private:
  SamplingOptions options_;
  std::string profile_;
  uint64_t next_;
};

}  // namespace

Result<std::unique_ptr<Strategy>> make_sampling(SamplingOptions options) {
  if (options.strategy != "portfolio") FB_TRY(make_policy(options.strategy, 0, ""));
  return std::unique_ptr<Strategy>(std::make_unique<Sampling>(std::move(options)));
}

}  // namespace fb
