#include "core/sched/causality.h"

#include <algorithm>

namespace fb {

std::vector<uint64_t> Causality::learn(ServiceId service, const Footprint& footprint) {
  std::vector<uint64_t> causes;
  const auto learn_from = [&](const Access& access) {
    auto found = writes_.find(access.object.value);
    if (found == writes_.end()) return;
    for (const Written& written : found->second) {
      if (written.by == service || written.high <= access.low || access.high <= written.low)
        continue;
      log_.merge_into(service, written.clock);
      if (written.seq != 0) causes.push_back(written.seq);
    }
  };
  for (const Access& access : footprint.accesses)
    if (access.mode == AccessMode::kRead) learn_from(access);
  for (const Access& need : footprint.needs) learn_from(need);
  std::sort(causes.begin(), causes.end());
  causes.erase(std::unique(causes.begin(), causes.end()), causes.end());
  return causes;
}

void Causality::publish(ServiceId service, const Footprint& footprint, uint64_t seq) {
  const auto write = [&](const Access& access) {
    std::vector<Written>& writes = writes_[access.object.value];
    // A write over an older one hides it: readers learn from the last writer only.
    std::erase_if(writes, [&](const Written& old) {
      return access.mode == AccessMode::kWrite && access.low <= old.low && old.high <= access.high;
    });
    writes.push_back({access.low, access.high, service, seq, log_.clock_of(service)});
  };
  for (const Access& access : footprint.accesses)
    if (access.mode != AccessMode::kRead) write(access);
  for (const Access& provided : footprint.provides) write(provided);
}

}  // namespace fb
