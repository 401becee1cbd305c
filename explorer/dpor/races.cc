#include "explorer/dpor/races.h"

#include "core/sched/blocking.h"

#include <algorithm>
#include <utility>

namespace fb {

namespace {

// By itself, whoever else provides the like.
bool suffices(const Access& provided, const Access& needed) {
  return provided.mode == AccessMode::kAdd && provided.object == needed.object &&
         provided.low <= needed.low && needed.high <= provided.high;
}

void append(Footprint& into, const Footprint& from) {
  into.accesses.insert(into.accesses.end(), from.accesses.begin(), from.accesses.end());
}

}  // namespace

RaceAnalysis::RaceAnalysis(const ExecutionRecord& record) : order_(record) {}

// The scan goes backwards and does not look behind what it raced with. A step that had to come
// first is no race, and does not hide what is behind it: behind an unlock the race is with the
// lock.
void RaceAnalysis::reverse_races_of(StepIndex second, std::vector<Reversal>& all) const {
  HappensBefore::Clock known = order_.clock_on_arrival(second);
  for (StepIndex earlier = std::min(second, order_.executed()); earlier-- > 0;) {
    if (order_.actor_of(earlier) == order_.actor_of(second)) continue;
    if (order_.known(earlier, known)) continue;
    if (!dependent(order_.touched(earlier), order_.touched(second))) continue;
    if (order_.provides_for(earlier, second) && !provided_otherwise(earlier, second)) continue;
    // What may turn out to be impossible must not hide what is behind it either.
    if (reverse(earlier, second, all)) merge_clock(known, order_.clock(earlier));
  }
}

// Of several that each would do (ends of children, for who waits for any of them) no one had to
// come first.
bool RaceAnalysis::provided_otherwise(StepIndex earlier, StepIndex second) const {
  const std::vector<Access>& provided = order_.touched(earlier).provides;
  const auto is_given_by_another = [&](const Access& needed) {
    for (StepIndex step = 0; step < order_.executed(); ++step) {
      if (step == earlier || step == second || order_.before(earlier, step) ||
          (!order_.is_pending(second) && order_.before(second, step)))
        continue;
      const std::vector<Access>& other = order_.touched(step).provides;
      if (std::any_of(other.begin(), other.end(),
                      [&](const Access& access) { return suffices(access, needed); }))
        return true;
    }
    return false;
  };
  for (const Access& needed : order_.touched(second).needs)
    for (const Access& access : provided)
      if (access.object == needed.object &&
          !(suffices(access, needed) && is_given_by_another(needed)))
        return false;
  return true;
}

std::vector<Reversal> RaceAnalysis::reversals() const {
  std::vector<Reversal> all;
  for (StepIndex second = 0; second < order_.count(); ++second) {
    // What sleeps, or was cut off, runs elsewhere.
    if (order_.is_pending(second) && order_.candidate(second).enabled) continue;
    for (uint32_t outcome = 0;
         !order_.is_pending(second) && outcome < order_.candidate(second).outcomes(); ++outcome)
      if (outcome != order_.choice(second).outcome) all.push_back(with_outcome(second, outcome));
    reverse_races_of(second, all);
  }
  return all;
}

Reversal RaceAnalysis::with_outcome(StepIndex step, uint32_t outcome) const {
  Reversal reversal;
  reversal.first = reversal.second = step;
  reversal.choice = {order_.candidate(step).actor, outcome};
  reversal.footprint = order_.candidate(step).footprint_of(outcome);
  // Nobody takes away what the other outcome needs (the last fault that may happen, say), and
  // nothing follows from it.
  std::vector<StepIndex> left_out;
  for (StepIndex later = step + 1; later < order_.executed(); ++later) {
    if (order_.before(step, later)) continue;
    const bool out = fb::takes_from(order_.touched(later), reversal.footprint) ||
                     std::any_of(left_out.begin(), left_out.end(),
                                 [&](StepIndex other) { return order_.before(other, later); });
    (out ? left_out : reversal.steps).push_back(later);
  }
  reversal.steps.push_back(step);
  return reversal;
}

// It takes what `second` needs, a lock for instance, and nothing in the reversal gives it back.
bool RaceAnalysis::keeps_from(StepIndex first, StepIndex step, StepIndex second) const {
  if (!order_.takes_from(step, second)) return false;
  for (StepIndex later = step + 1; later < order_.executed(); ++later)
    if (!order_.before(first, later) && order_.before(step, later) &&
        order_.provides_for(later, second))
      return false;
  return true;
}

// What stays of the execution after its part before `first`: everything that does not happen after
// `first`, but for what the second step might clash with in its new place although it came later,
// and for what would keep it from going at all. Empty: the second step's own past is among that, so
// there is no such reversal.
std::optional<std::vector<StepIndex>> RaceAnalysis::kept_steps(StepIndex first, StepIndex second,
                                                               const Footprint& any,
                                                               bool keep_clashing) const {
  const HappensBefore::Clock past = order_.clock_on_arrival(second);
  std::vector<StepIndex> kept, left_out;
  for (StepIndex step = first + 1; step < order_.executed(); ++step) {
    if (step == second || order_.before(first, step)) continue;
    const bool out = std::any_of(left_out.begin(), left_out.end(),
                                 [&](StepIndex other) { return order_.before(other, step); }) ||
                     ((step > second || !keep_clashing) && !order_.provides_for(step, second) &&
                      dependent(order_.touched(step), any)) ||
                     keeps_from(first, step, second);
    if (out && order_.known(step, past)) return std::nullopt;
    (out ? left_out : kept).push_back(step);
  }
  return kept;
}

// For certain blocked in its new place, as far as what it needs tells.
bool RaceAnalysis::stays_blocked(StepIndex first, StepIndex second) const {
  const std::vector<Access>& needs = order_.touched(second).needs;
  const std::vector<Access>& of_first = order_.touched(first).accesses;
  // Taken before the race already.
  for (StepIndex step = 0; step < first; ++step)
    if (keeps_from(first, step, second)) return true;
  // What it needed was provided by a step that now comes later, while the first step itself has
  // nothing to do with that object.
  for (const Access& need : needs) {
    if (std::any_of(of_first.begin(), of_first.end(),
                    [&](const Access& access) { return access.object == need.object; }))
      continue;
    for (StepIndex step = first + 1; step < std::min(second, order_.executed()); ++step)
      if (order_.before(first, step) && order_.provides_for(step, second)) return true;
  }
  // It was blocked at the end, and the first step took nothing of what it waits for.
  return order_.is_pending(second) && !order_.candidate(second).enabled && !needs.empty() &&
         std::none_of(of_first.begin(), of_first.end(), [&](const Access& access) {
           return access.mode != AccessMode::kRead &&
                  std::any_of(needs.begin(), needs.end(), [&](const Access& need) {
                    return need.object == access.object || access.object == kEverything;
                  });
         });
}

// Adds the reversals of one race. Returns whether it is certain that the second step can go there.
bool RaceAnalysis::reverse(StepIndex first, StepIndex second, std::vector<Reversal>& all) const {
  const Candidate& late = order_.candidate(second);
  // Parked already before the first step ran: then the record tells how it stood.
  const Candidate* early =
      order_.arrival(second) <= first ? order_.at_decision(first, late.actor) : nullptr;
  Footprint any = order_.touched(second);
  append(any, late.potential);
  if (early != nullptr) {
    append(any, early->footprint);
    append(any, early->potential);
  }
  std::optional<std::vector<StepIndex>> kept = kept_steps(first, second, any, true);
  if (!kept) return false;
  Reversal reversal{first, second, std::move(*kept), order_.choice(second), any, true};
  const bool undisturbed =
      std::none_of(reversal.steps.begin(), reversal.steps.end(),
                   [&](StepIndex step) { return ordered(order_.touched(step), any); });
  reversal.steps.push_back(second);
  if (early != nullptr && undisturbed) {
    if (!early->enabled || reversal.choice.outcome >= early->outcomes()) return false;
    reversal.footprint = early->footprint_of(reversal.choice.outcome);
    reversal.tentative = false;
    all.push_back(std::move(reversal));
    return true;
  }
  if (stays_blocked(first, second)) return false;
  // Nobody said what it waits for: it may be any of the steps before it that it clashes with.
  if (!late.enabled && order_.touched(second).needs.empty() && !undisturbed) {
    if (std::optional<std::vector<StepIndex>> few = kept_steps(first, second, any, false)) {
      few->push_back(second);
      all.push_back({first, second, std::move(*few), reversal.choice, any, true});
    }
  }
  all.push_back(std::move(reversal));
  return false;
}

RaceAnalysis::Initial RaceAnalysis::initial(const Reversal& reversal, Choice wanted,
                                            const Footprint& wanted_footprint) const {
  bool independent = true;
  for (size_t i = 0; i < reversal.steps.size(); ++i) {
    const Choice here = choice(reversal, reversal.steps[i]);
    const Footprint& touches = footprint(reversal, reversal.steps[i]);
    if (here.actor == wanted.actor) {
      if (here.outcome != wanted.outcome) return {};
      for (size_t k = 0; k < i; ++k)
        if (ordered(footprint(reversal, reversal.steps[k]), touches)) return {};
      return {true, false, i};
    }
    if (independent && ordered(touches, wanted_footprint)) independent = false;
  }
  return {false, independent, 0};
}

}  // namespace fb
