// Sampling: independent random executions. Run number r = seed + i is a function of r alone (and of
// one measured execution in the default order, which is the same for all), so that runs can be cut,
// sharded and repeated: --seed r --runs 1 is run r.
#pragma once
#include "core/base/result.h"
#include "explorer/shard.h"
#include "explorer/strategy.h"

#include <cstdint>
#include <memory>
#include <string>

namespace fb {

struct SamplingOptions {
  std::string strategy;  // one of policy_names(), or "portfolio": surw and pos in turns
  uint64_t runs = 100;
  uint64_t seed = 0;
  Plan base;
  Shard shard = {};  // of the runs
};

Result<std::unique_ptr<Strategy>> make_sampling(SamplingOptions options);

}  // namespace fb
