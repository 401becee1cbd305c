#include "core/sched/trace_hash.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

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
  Hash128 finish() const { return hash128(bytes_); }

 private:
  std::string bytes_;
};

void add_actor(Hasher& hasher, ActorId actor) {
  hasher.number(static_cast<uint64_t>(actor.kind));
  hasher.number(actor.index);
  hasher.number(uint64_t{actor.process} << 32 | actor.thread);
}

Hash128 sum(Hash128 a, Hash128 b) {
  return {a.high + b.high, a.low + b.low};
}

}  // namespace

Hash128 TraceHasher::name_of(const Candidate& chosen, uint32_t outcome,
                             const Footprint& touched) const {
  Hasher hasher;
  add_actor(hasher, chosen.actor);
  hasher.text(chosen.operation);
  hasher.text(chosen.key);
  hasher.number(outcome);
  std::vector<Access> accesses = touched.accesses;
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
  std::vector<Hash128> before;
  if (const auto own = last_.find(chosen.actor); own != last_.end()) before.push_back(own->second);
  for (size_t step : index_.ordered_before(touched)) before.push_back(names_[step]);
  // As a sorted set: the order in which independent predecessors ran must not show.
  std::sort(before.begin(), before.end());
  before.erase(std::unique(before.begin(), before.end()), before.end());
  for (Hash128 name : before) hasher.hash(name);
  return hasher.finish();
}

void TraceHasher::add(const ExecutedStep& step) {
  const Hash128 name = name_of(step.chosen(), step.choice.outcome, step.footprint);
  const size_t actor = numbers_.try_emplace(step.choice.actor, numbers_.size()).first->second;
  index_.add(names_.size(), actor, step.footprint);
  names_.push_back(name);
  last_[step.choice.actor] = name;
  beginning_ = sum(beginning_, name);
}

Hash128 TraceHasher::beginning_with(const Candidate& chosen, uint32_t outcome,
                                    const Footprint& touched) const {
  return sum(beginning_, name_of(chosen, outcome, touched));
}

Hash128 trace_hash(const ExecutionRecord& record) {
  TraceHasher trace;
  for (const ExecutedStep& step : record.steps) trace.add(step);
  Hasher hasher;
  hasher.number(static_cast<uint64_t>(record.end));
  for (const auto& [actor, hash] : trace.last_of_actors()) {
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
