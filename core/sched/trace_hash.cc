#include "core/sched/trace_hash.h"

#include "core/sched/blocking.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <string_view>
#include <vector>
#include <xxhash.h>

namespace fb {

namespace {

// Collects the bytes of one hashed thing; numbers as 8 bytes, low first, whatever the machine.
class Hasher {
 public:
  void number(uint64_t value) {
    char bytes[8];
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(value >> (8 * i));
    bytes_.append(bytes, sizeof bytes);
  }
  void text(std::string_view value) {
    number(value.size());
    bytes_.append(value);
  }
  void hash(Hash128 value) {
    number(value.high);
    number(value.low);
  }
  Hash128 finish() const {
    const XXH128_hash_t h = XXH3_128bits(bytes_.data(), bytes_.size());
    return {h.high64, h.low64};
  }

 private:
  std::string bytes_;
};

void add_actor(Hasher& hasher, ActorId actor) {
  hasher.number(static_cast<uint64_t>(actor.kind));
  hasher.number(actor.index);
  hasher.number(uint64_t{actor.process} << 32 | actor.thread);
}

struct Event {
  const ExecutedStep* step;
  Hash128 hash;
};

Hash128 hash_of(const ExecutedStep& step, const std::vector<Hash128>& predecessors) {
  const Candidate& chosen = step.chosen();
  Hasher hasher;
  add_actor(hasher, chosen.actor);
  hasher.text(chosen.operation);
  hasher.text(chosen.key);
  hasher.number(step.choice.outcome);
  std::vector<Access> accesses = step.footprint.accesses;
  // Additions commute, so at which place one ended up is a matter of their order.
  for (Access& access : accesses)
    if (access.mode == AccessMode::kAdd) access.low = access.high = 0;
  std::sort(accesses.begin(), accesses.end());
  accesses.erase(std::unique(accesses.begin(), accesses.end()), accesses.end());
  for (const Access& access : accesses) {
    hasher.number(access.object.value);
    hasher.number(static_cast<uint64_t>(access.mode));
    hasher.number(access.low);
    hasher.number(access.high);
  }
  // As a sorted set: the order in which independent predecessors ran must not show.
  for (Hash128 predecessor : predecessors) hasher.hash(predecessor);
  return hasher.finish();
}

}  // namespace

std::string Hash128::text() const {
  return fmt::format("{:016x}{:016x}", high, low);
}

Hash128 trace_hash(const ExecutionRecord& record) {
  std::vector<Event> events;
  std::map<ActorId, Hash128> last;
  events.reserve(record.steps.size());
  for (const ExecutedStep& step : record.steps) {
    std::vector<Hash128> predecessors;
    for (const Event& earlier : events)
      if (earlier.step->choice.actor == step.choice.actor ||
          ordered(earlier.step->footprint, step.footprint))
        predecessors.push_back(earlier.hash);
    std::sort(predecessors.begin(), predecessors.end());
    const Hash128 hash = hash_of(step, predecessors);
    events.push_back({&step, hash});
    last[step.choice.actor] = hash;
  }
  Hasher hasher;
  hasher.number(static_cast<uint64_t>(record.end));
  for (const auto& [actor, hash] : last) {
    add_actor(hasher, actor);
    hasher.hash(hash);
  }
  for (const Candidate& candidate : record.pending) {
    add_actor(hasher, candidate.actor);
    hasher.text(candidate.operation);
  }
  return hasher.finish();
}

}  // namespace fb
