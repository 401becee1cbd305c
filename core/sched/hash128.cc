#include "core/sched/hash128.h"

#include <fmt/format.h>
#include <xxhash.h>

namespace fb {

std::string Hash128::text() const {
  return fmt::format("{:016x}{:016x}", high, low);
}

Hash128 hash128(std::string_view bytes) {
  const XXH128_hash_t h = XXH3_128bits(bytes.data(), bytes.size());
  return {h.high64, h.low64};
}

}  // namespace fb
