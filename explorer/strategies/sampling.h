// Sampling: `runs` executions, the i-th of which depends on (seed, i) alone, so that runs can be
// cut, sharded and repeated.
#pragma once
#include "core/base/result.h"
#include "explorer/strategy.h"

#include <cstdint>
#include <memory>
#include <string>

namespace fb {

struct SamplingOptions {
  std::string strategy;  // one of policy_names(), or "portfolio"
  uint64_t runs = 100;
  uint64_t seed = 0;
  Plan base;
};

Result<std::unique_ptr<Strategy>> make_sampling(SamplingOptions options);

}  // namespace fb
