#include "core/sched/blocking.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/strong_components.hpp>
#include <fmt/format.h>
#include <optional>
#include <vector>

namespace fb {

namespace {

bool overlap(const Access& a, const Access& b) {
  return a.object == b.object && std::max(a.low, b.low) < std::min(a.high, b.high);
}

// What a blocked operation waits for.
struct Wait {
  std::optional<size_t> step;     // that took it, or provided it the last time
  bool held = false;              // took it
  std::optional<size_t> blocked;  // index of the blocked operation of that step's actor
};

// Something of the kind, if not the very thing: an earlier message of the pipe.
bool has_provided(const Footprint& step, const Footprint& wanting) {
  return std::any_of(step.provides.begin(), step.provides.end(), [&](const Access& provided) {
    return std::any_of(wanting.needs.begin(), wanting.needs.end(),
                       [&](const Access& need) { return need.object == provided.object; });
  });
}

bool concerns(const Footprint& step, const Footprint& wanting) {
  return std::any_of(
             step.accesses.begin(), step.accesses.end(),
             [&](const Access& access) {
               const auto same = [&](const Access& wanted) {
                 return wanted.object == access.object;
               };
               return access.mode != AccessMode::kRead &&
                      (wanting.needs.empty()
                           ? std::any_of(wanting.accesses.begin(), wanting.accesses.end(), same)
                           : std::any_of(wanting.needs.begin(), wanting.needs.end(), same));
             }) ||
         has_provided(step, wanting);
}

class Deadlock {
 public:
  Deadlock(std::span<const ExecutedStep> steps, std::span<const Candidate> pending,
           std::span<const std::string> services)
      : steps_(steps), services_(services) {
    for (const Candidate& candidate : pending)
      if (!candidate.enabled) blocked_.push_back(&candidate);
    for (const Candidate* candidate : blocked_) waits_.push_back(wait_of(*candidate));
  }

  bool has_cycle() const { return !find_cycle().empty(); }

  std::string describe() const {
    if (blocked_.empty()) return "nothing is blocked";
    const std::vector<size_t> cycle = find_cycle();
    std::string text;
    for (size_t waiter : cycle)
      text += fmt::format("{}{}", text.empty() ? "wait cycle: " : " -> ", describe(waiter));
    if (!cycle.empty()) text += " -> " + name(blocked_[cycle.front()]->actor);
    for (size_t waiter = 0; waiter < blocked_.size(); ++waiter) {
      if (std::find(cycle.begin(), cycle.end(), waiter) != cycle.end()) continue;
      const bool first_other = text.find("blocked: ") == std::string::npos;
      text += first_other ? (text.empty() ? "blocked: " : "; also blocked: ") : ", ";
      text += describe(waiter);
    }
    return text;
  }

 private:
  Wait wait_of(const Candidate& waiter) const {
    Wait wait;
    for (size_t i = steps_.size(); i-- > 0 && !wait.step;) {
      const Footprint& touched = steps_[i].footprint;
      if (steps_[i].choice.actor == waiter.actor && waiter.footprint.needs.empty()) continue;
      if (takes_from(touched, waiter.footprint) && !given_back(i, waiter.footprint)) {
        wait.step = i;
        wait.held = true;
      }
    }
    // Nobody holds it: whoever provided it before, or had to do with it at least.
    for (size_t i = steps_.size(); i-- > 0 && !wait.step;) {
      if (steps_[i].choice.actor == waiter.actor) continue;
      if (concerns(steps_[i].footprint, waiter.footprint)) wait.step = i;
    }
    if (wait.step)
      for (size_t i = 0; i < blocked_.size(); ++i)
        if (blocked_[i]->actor == steps_[*wait.step].choice.actor) wait.blocked = i;
    return wait;
  }

  bool given_back(size_t taker, const Footprint& waiting) const {
    for (size_t i = taker + 1; i < steps_.size(); ++i)
      if (steps_[i].choice.actor == steps_[taker].choice.actor &&
          provides_for(steps_[i].footprint, waiting))
        return true;
    return false;
  }

  // Everybody waits for one at most, so a cycle is a strongly connected part.
  std::vector<size_t> find_cycle() const {
    using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
    Graph graph(blocked_.size());
    for (size_t i = 0; i < waits_.size(); ++i)
      if (waits_[i].blocked) boost::add_edge(i, *waits_[i].blocked, graph);
    std::vector<int> component(blocked_.size());
    boost::strong_components(graph, boost::make_iterator_property_map(
                                        component.begin(), boost::get(boost::vertex_index, graph)));
    for (size_t start = 0; start < waits_.size(); ++start) {
      const std::optional<size_t> next = waits_[start].blocked;
      if (!next || component[*next] != component[start]) continue;
      if (*next != start && std::count(component.begin(), component.end(), component[start]) < 2)
        continue;
      std::vector<size_t> cycle{start};
      for (size_t at = *next; at != start; at = *waits_[at].blocked) cycle.push_back(at);
      return cycle;
    }
    return {};
  }

  std::string describe(size_t waiter) const {
    const Candidate& candidate = *blocked_[waiter];
    const Wait& wait = waits_[waiter];
    std::string why = "nobody is left to provide it";
    if (wait.step) {
      const std::string who = name(steps_[*wait.step].choice.actor);
      const char* ended = wait.blocked ? "" : ", which has ended,";
      if (wait.held)
        why = fmt::format("held by {}{} since decision {}", who, ended, *wait.step);
      else if (wait.blocked)
        why =
            fmt::format("last {} by {} at decision {}",
                        has_provided(steps_[*wait.step].footprint, candidate.footprint) ? "provided"
                                                                                        : "touched",
                        who, *wait.step);
    }
    return fmt::format("{} at {}{}{} ({})", name(candidate.actor), candidate.operation,
                       candidate.key.empty() ? "" : " ", candidate.key, why);
  }

  std::string name(ActorId actor) const { return actor_name(actor, services_); }

  std::span<const ExecutedStep> steps_;
  std::span<const std::string> services_;
  std::vector<const Candidate*> blocked_;
  std::vector<Wait> waits_;
};

}  // namespace

bool provides_for(const Footprint& earlier, const Footprint& later) {
  for (const Access& provided : earlier.provides)
    for (const Access& needed : later.needs)
      if (overlap(provided, needed)) return true;
  return false;
}

bool takes_from(const Footprint& earlier, const Footprint& later) {
  for (const Access& access : earlier.accesses)
    for (const Access& needed : later.needs)
      if (access.mode != AccessMode::kRead && overlap(access, needed))
        return !provides_for(earlier, later);
  return false;
}

bool ordered(const Footprint& a, const Footprint& b) {
  return dependent(a, b) || provides_for(a, b) || provides_for(b, a);
}

bool waits_for_lock(const Candidate& candidate) {
  return !candidate.enabled && (candidate.operation == "flock" || candidate.operation == "fcntl");
}

bool has_lock_cycle(std::span<const ExecutedStep> steps, std::span<const Candidate> pending) {
  std::vector<Candidate> waiting;
  for (const Candidate& candidate : pending)
    if (waits_for_lock(candidate)) waiting.push_back(candidate);
  return waiting.size() > 1 && Deadlock(steps, waiting, {}).has_cycle();
}

std::string describe_deadlock(std::span<const ExecutedStep> steps,
                              std::span<const Candidate> pending,
                              std::span<const std::string> services) {
  return Deadlock(steps, pending, services).describe();
}

}  // namespace fb
