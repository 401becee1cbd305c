#include "tests/support/model/oracle.h"

#include "core/base/draw.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace fb::model {

namespace {

struct Counts {
  double interleavings = 0, bad_interleavings = 0, hits = 0;
};

// A trace prefix is a set of events, each named by what it is and by the events it depends on; so
// the sum of its events' names is a name for it, whatever the order.
struct PrefixName {
  uint64_t high = 0, low = 0;
  bool operator==(const PrefixName&) const = default;
};
struct PrefixNameHash {
  size_t operator()(const PrefixName& name) const { return name.low; }
};

uint64_t mix(uint64_t hash, uint64_t value) {
  return splitmix_finalise(hash * 0x9E3779B97F4A7C15u + value + 1);
}

class Oracle {
 public:
  explicit Oracle(const Program& program) : program_(program) {}

  OracleAnswer ask() {
    const Counts counts = visit(program_.initial(), {});
    answer_.interleavings = counts.interleavings;
    answer_.bad_interleavings = counts.bad_interleavings;
    answer_.random_walk_hits = counts.hits;
    answer_.states = states_.size();
    return std::move(answer_);
  }

 private:
  struct Event {
    size_t process;
    Footprint footprint;
    PrefixName name;
  };

  Counts visit(const State& state, PrefixName prefix) {
    if (const auto known = known_.find(prefix); known != known_.end()) return known->second;
    states_.insert(state_hash(state));
    Counts counts;
    std::vector<size_t> enabled_processes;
    for (size_t i = 0; i < program_.bodies.size(); ++i)
      if (enabled(program_, state, i)) enabled_processes.push_back(i);
    if (enabled_processes.empty()) {
      counts = end(state);
    } else {
      for (size_t process : enabled_processes) {
        const uint32_t outcomes = state.pending[process].outcomes;
        for (uint32_t outcome = 0; outcome < outcomes; ++outcome) {
          const Counts below = step(state, prefix, process, outcome);
          counts.interleavings += below.interleavings;
          counts.bad_interleavings += below.bad_interleavings;
          counts.hits += below.hits / outcomes / static_cast<double>(enabled_processes.size());
        }
      }
    }
    known_.emplace(prefix, counts);
    return counts;
  }

  Counts step(const State& state, PrefixName prefix, size_t process, uint32_t outcome) {
    Event event{process, footprint(program_, state, process, outcome), {}};
    event.name = name_of(event, outcome);
    State next = state;
    execute(program_, next, process, outcome);
    prefix.high += event.name.high;
    prefix.low += event.name.low;
    events_.push_back(std::move(event));
    const Counts below = visit(next, prefix);
    events_.pop_back();
    return below;
  }

  PrefixName name_of(const Event& event, uint32_t outcome) const {
    PrefixName before;
    for (const Event& earlier : events_) {
      if (earlier.process != event.process && !dependent(earlier.footprint, event.footprint))
        continue;
      before.high += mix(1, earlier.name.high);
      before.low += mix(2, earlier.name.low);
    }
    const uint64_t what = mix(event.process, outcome);
    return {mix(mix(before.high, what), 3), mix(mix(before.low, what), 4)};
  }

  Counts end(const State& state) {
    bool deadlock = false;
    for (size_t i = 0; i < program_.bodies.size(); ++i) deadlock |= present(state, i);
    const bool bad = failed(program_, state, deadlock);
    ++answer_.traces;
    answer_.bad_traces += bad;
    answer_.deadlocks += deadlock;
    answer_.outcomes.insert(outcome_text(state, bad));
    return {1, bad ? 1.0 : 0.0, bad ? 1.0 : 0.0};
  }

  const Program& program_;
  OracleAnswer answer_;
  std::vector<Event> events_;
  std::unordered_map<PrefixName, Counts, PrefixNameHash> known_;
  std::unordered_set<uint64_t> states_;
};

}  // namespace

OracleAnswer ask_oracle(const Program& program) {
  return Oracle(program).ask();
}

}  // namespace fb::model
