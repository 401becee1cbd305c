#include "explorer/linearise.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

namespace fb {

namespace {

// A cut through the trace: how many steps of each actor have run, and who ran last.
struct Cut {
  std::vector<uint32_t> done;
  size_t last = 0;
  auto operator<=>(const Cut&) const = default;
};

constexpr size_t kNobody = static_cast<size_t>(-1);

class Search {
 public:
  explicit Search(const ExecutionRecord& record) : order_(record) {
    steps_.resize(order_.actors().size());
    for (StepIndex step = 0; step < order_.count(); ++step)
      steps_[order_.actor_of(step)].push_back(step);
    providers_.resize(order_.count());
    takers_.resize(order_.count());
    for (StepIndex step = 0; step < order_.count(); ++step) {
      if (order_.touched(step).needs.empty()) continue;
      for (StepIndex other = 0; other < order_.executed(); ++other) {
        if (other == step) continue;
        if (order_.provides_for(other, step)) providers_[step].push_back(other);
        if (order_.takes_from(other, step)) takers_[step].push_back(other);
      }
    }
  }

  // Dijkstra's algorithm where every edge costs 0 or 1.
  std::optional<Linearisation> run(size_t states_max) {
    const Cut start{std::vector<uint32_t>(order_.actors().size(), 0), kNobody};
    std::map<Cut, std::pair<uint64_t, size_t>> best;  // cost, who ran before
    std::deque<std::pair<uint64_t, Cut>> todo;
    best[start] = {0, kNobody};
    todo.emplace_back(0, start);
    while (!todo.empty()) {
      const auto [cost, cut] = std::move(todo.front());
      todo.pop_front();
      if (best.at(cut).first < cost) continue;
      if (is_complete(cut)) return read_back(best, cut);
      const bool last_could_go_on = cut.last != kNobody && could_run(cut, cut.last);
      for (size_t actor = 0; actor < steps_.size(); ++actor) {
        if (!may_run_next(cut, actor)) continue;
        const uint64_t extra = last_could_go_on && actor != cut.last ? 1 : 0;
        Cut next = cut;
        ++next.done[actor];
        next.last = actor;
        const auto [known, is_new] = best.try_emplace(next, cost + extra, cut.last);
        if (!is_new) {
          if (known->second.first <= cost + extra) continue;
          known->second = {cost + extra, cut.last};
        }
        if (best.size() > states_max) return std::nullopt;
        if (extra == 0)
          todo.emplace_front(cost, std::move(next));
        else
          todo.emplace_back(cost + 1, std::move(next));
      }
    }
    return std::nullopt;
  }

 private:
  bool has_run(const Cut& cut, StepIndex step) const {
    return order_.number(step) <= cut.done[order_.actor_of(step)];
  }

  std::optional<StepIndex> next_of(const Cut& cut, size_t actor) const {
    const size_t at = cut.done[actor];
    if (at >= steps_[actor].size()) return std::nullopt;
    return steps_[actor][at];
  }

  bool is_complete(const Cut& cut) const {
    for (size_t actor = 0; actor < steps_.size(); ++actor)
      if (const auto next = next_of(cut, actor); next && !order_.is_pending(*next)) return false;
    return true;
  }

  // Its next step is the trace's: all that happens before it has run.
  bool may_run_next(const Cut& cut, size_t actor) const {
    const std::optional<StepIndex> next = next_of(cut, actor);
    if (!next || order_.is_pending(*next)) return false;
    HappensBefore::Clock clock = order_.clock(*next);
    --clock[actor];
    for (size_t i = 0; i < clock.size(); ++i)
      if (clock[i] > cut.done[i]) return false;
    return true;
  }

  // It would not block, though its turn may not have come.
  bool could_run(const Cut& cut, size_t actor) const {
    const std::optional<StepIndex> next = next_of(cut, actor);
    if (!next) return false;
    if (order_.arrival(*next) > 0 && !has_run(cut, order_.arrival(*next) - 1) &&
        order_.actor_of(order_.arrival(*next) - 1) != actor)
      return false;
    // Blocked at the end although nobody took anything: it waits for what never came.
    if (order_.is_pending(*next) && !order_.candidate(*next).enabled && takers_[*next].empty())
      return false;
    for (StepIndex taker : takers_[*next])
      if (has_run(cut, taker) && !given_back(cut, taker, *next)) return false;
    for (StepIndex provider : providers_[*next])
      if (!has_run(cut, provider) && order_.before(provider, *next) &&
          !returns_something(provider, *next))
        return false;
    return true;
  }

  bool given_back(const Cut& cut, StepIndex taker, StepIndex step) const {
    return std::any_of(providers_[step].begin(), providers_[step].end(), [&](StepIndex provider) {
      return has_run(cut, provider) && order_.before(taker, provider);
    });
  }

  // An unlock only gives back what a lock took; a message that is sent was not there before.
  bool returns_something(StepIndex provider, StepIndex step) const {
    return std::any_of(takers_[step].begin(), takers_[step].end(),
                       [&](StepIndex taker) { return order_.before(taker, provider); });
  }

  Linearisation read_back(const std::map<Cut, std::pair<uint64_t, size_t>>& best, Cut cut) const {
    Linearisation found;
    found.preemptions = best.at(cut).first;
    while (cut.last != kNobody) {
      const size_t before = best.at(cut).second;
      --cut.done[cut.last];
      found.order.push_back(steps_[cut.last][cut.done[cut.last]]);
      cut.last = before;
    }
    std::reverse(found.order.begin(), found.order.end());
    return found;
  }

  HappensBefore order_;
  std::vector<std::vector<StepIndex>> steps_;  // by actor
  // By step that needs something: who provides it, who takes it away.
  std::vector<std::vector<StepIndex>> providers_, takers_;
};

}  // namespace

std::optional<Linearisation> fewest_preemptions(const ExecutionRecord& record, size_t states_max) {
  return Search(record).run(states_max);
}

}  // namespace fb
