#include "core/sched/causality.h"

#include <algorithm>

namespace fb {
namespace {

bool is_time(const Access& access) {
  static const ObjectKey kTime = object_key("time");
  return access.object == kTime;
}

}  // namespace

// Readers learn from the last writer only: older writes lose what is written over them.
void Causality::hide(std::vector<Written>& writes, uint64_t low, uint64_t high) {
  std::vector<Written> right_parts;
  for (Written& old : writes) {
    if (old.high <= low || high <= old.low) continue;
    if (old.low < low && high < old.high) {
      right_parts.push_back(old);
      right_parts.back().low = high;
    }
    if (old.low < low)
      old.high = low;
    else
      old.low = std::min(high, old.high);
  }
  std::erase_if(writes, [](const Written& old) { return old.low >= old.high; });
  writes.insert(writes.end(), right_parts.begin(), right_parts.end());
}

template <class Learned>
void Causality::each_source(ServiceId service, const Footprint& footprint, Learned learned) {
  const auto learn_from = [&](const Access& access, bool consumes) {
    auto found = writes_.find(access.object.value);
    if (found == writes_.end() || is_time(access)) return;
    for (const Written& written : found->second)
      if (written.by != service && access.low < written.high && written.low < access.high)
        learned(written);
    // Whoever needs a place of a queue is past the places before it.
    if (consumes && access.low > 0)
      std::erase_if(found->second,
                    [&](const Written& written) { return written.high <= access.low; });
  };
  for (const Access& access : footprint.accesses)
    if (access.mode == AccessMode::kRead) learn_from(access, false);
  for (const Access& need : footprint.needs) learn_from(need, true);
}

std::vector<uint64_t> Causality::learn(ServiceId service, const Footprint& footprint) {
  std::vector<uint64_t> causes;
  each_source(service, footprint, [&](const Written& written) {
    log_.merge_into(service, written.clock);
    if (written.seq != 0) causes.push_back(written.seq);
  });
  std::sort(causes.begin(), causes.end());
  causes.erase(std::unique(causes.begin(), causes.end()), causes.end());
  return causes;
}

void Causality::publish(ServiceId service, const Footprint& footprint, uint64_t seq) {
  if (seq == 0) seq = log_.last_of(service);
  const auto write = [&](const Access& access) {
    if (is_time(access)) return;
    std::vector<Written>& writes = writes_[access.object.value];
    if (access.mode == AccessMode::kWrite) hide(writes, access.low, access.high);
    writes.push_back({access.low, access.high, service, seq, log_.clock_of(service)});
  };
  for (const Access& access : footprint.accesses)
    if (access.mode != AccessMode::kRead) write(access);
  for (const Access& provided : footprint.provides) write(provided);
}

void Causality::pass(ServiceId service, const Footprint& footprint) {
  each_source(service, footprint,
              [&](const Written& written) { log_.learn(service, written.clock, written.seq); });
  publish(service, footprint, 0);
}

}  // namespace fb
