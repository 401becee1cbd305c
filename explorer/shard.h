// Which part of a search this is: the parts of one search are disjoint, and together they are all
// of it.
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace fb {

struct Shard {
  uint64_t index = 0;  // below count
  uint64_t count = 1;
  auto operator<=>(const Shard&) const = default;

  bool is_whole() const { return count == 1; }
  std::string text() const;  // "2/8", counted from 1
};

// "2/8"; "auto/8" and "auto" take the number from the environment of a Slurm array job or an
// indexed Kubernetes Job, "auto" the number of parts too. An empty text: what a Slurm array job
// says, else the whole.
Result<Shard> parse_shard(std::string_view text,
                          const std::map<std::string, std::string>& environment);

}  // namespace fb
