#include "explorer/dpor/races.h"

#include "core/base/check.h"

#include <algorithm>

namespace fb {

namespace {

bool overlap(const Access& a, const Access& b) {
  return a.object == b.object && std::max(a.low, b.low) < std::min(a.high, b.high);
}

void merge_clock(std::vector<uint32_t>& into, const std::vector<uint32_t>& from) {
  for (size_t i = 0; i < into.size(); ++i) into[i] = std::max(into[i], from[i]);
}

void append(Footprint& into, const Footprint& from) {
  into.accesses.insert(into.accesses.end(), from.accesses.begin(), from.accesses.end());
}

}  // namespace

RaceAnalysis::RaceAnalysis(const ExecutionRecord& record) : record_(record) {
  index_actors();
  find_arrivals();
  order_steps();
}

const Candidate& RaceAnalysis::candidate(StepIndex step) const {
  if (is_pending(step)) return record_.pending[step - record_.steps.size()];
  return *at_decision(step, record_.steps[step].choice.actor);
}

Choice RaceAnalysis::recorded_choice(StepIndex step) const {
  if (is_pending(step)) return {candidate(step).actor, 0};
  return record_.steps[step].choice;
}

const Footprint& RaceAnalysis::touched(StepIndex step) const {
  return is_pending(step) ? candidate(step).footprint : record_.steps[step].footprint;
}

const Candidate* RaceAnalysis::at_decision(size_t decision, ActorId actor) const {
  const std::vector<Candidate>& candidates = record_.steps[decision].candidates;
  const auto found =
      std::lower_bound(candidates.begin(), candidates.end(), actor,
                       [](const Candidate& c, ActorId wanted) { return c.actor < wanted; });
  return found != candidates.end() && found->actor == actor ? &*found : nullptr;
}

void RaceAnalysis::index_actors() {
  for (StepIndex step = 0; step < count(); ++step) actors_.push_back(recorded_choice(step).actor);
  std::sort(actors_.begin(), actors_.end());
  actors_.erase(std::unique(actors_.begin(), actors_.end()), actors_.end());
  std::vector<std::optional<StepIndex>> last(actors_.size());
  for (StepIndex step = 0; step < count(); ++step) {
    const auto actor = static_cast<size_t>(
        std::lower_bound(actors_.begin(), actors_.end(), recorded_choice(step).actor) -
        actors_.begin());
    actor_of_.push_back(actor);
    number_.push_back(last[actor] ? number_[*last[actor]] + 1 : 1);
    previous_.push_back(last[actor].value_or(step));
    last[actor] = step;
  }
}

void RaceAnalysis::find_arrivals() {
  for (StepIndex step = 0; step < count(); ++step) {
    const ActorId actor = recorded_choice(step).actor;
    const size_t lowest = previous_[step] == step ? 0 : previous_[step] + 1;
    size_t arrival = std::min(step, record_.steps.size());
    while (arrival > lowest && at_decision(arrival - 1, actor) != nullptr) --arrival;
    arrival_.push_back(arrival);
  }
}

// Every step happens after its actor's step before, after the step that made it appear (the fork of
// its process, the end of a call that blocked in the kernel), and after what it depends on.
void RaceAnalysis::order_steps() {
  clocks_.reserve(count());
  for (StepIndex step = 0; step < count(); ++step) {
    Clock clock(actors_.size(), 0);
    if (previous_[step] != step) clock = clocks_[previous_[step]];
    if (arrival_[step] > 0) {
      const StepIndex cause = arrival_[step] - 1;
      if (previous_[step] != cause) merge_clock(clock, clocks_[cause]);
    }
    const Footprint& footprint = touched(step);
    for (StepIndex earlier = std::min(step, record_.steps.size()); earlier-- > 0;) {
      if (number_[earlier] <= clock[actor_of_[earlier]]) continue;
      if (dependent(record_.steps[earlier].footprint, footprint))
        merge_clock(clock, clocks_[earlier]);
    }
    clock[actor_of_[step]] = number_[step];
    clocks_.push_back(std::move(clock));
  }
}

bool RaceAnalysis::happens_before(StepIndex earlier, StepIndex later) const {
  return number_[earlier] <= clocks_[later][actor_of_[earlier]];
}

bool RaceAnalysis::provides_for(StepIndex earlier, StepIndex later) const {
  for (const Access& provided : touched(earlier).provides)
    for (const Access& needed : touched(later).needs)
      if (overlap(provided, needed)) return true;
  return false;
}

// The scan goes backwards and does not look behind what it raced with. A step that had to come
// first is no race, and does not hide what is behind it: behind an unlock the race is with the
// lock.
void RaceAnalysis::reverse_races_of(StepIndex second, std::vector<Reversal>& all) const {
  Clock known(actors_.size(), 0);
  if (previous_[second] != second) known = clocks_[previous_[second]];
  if (arrival_[second] > 0 && previous_[second] != arrival_[second] - 1)
    merge_clock(known, clocks_[arrival_[second] - 1]);
  for (StepIndex earlier = std::min(second, record_.steps.size()); earlier-- > 0;) {
    if (actor_of_[earlier] == actor_of_[second]) continue;
    if (number_[earlier] <= known[actor_of_[earlier]]) continue;
    if (!dependent(record_.steps[earlier].footprint, touched(second))) continue;
    if (provides_for(earlier, second)) continue;
    std::optional<Reversal> reversal = reverse(earlier, second);
    if (!reversal) continue;
    // What may turn out to be impossible must not hide what is behind it either.
    if (!reversal->tentative) merge_clock(known, clocks_[earlier]);
    all.push_back(std::move(*reversal));
  }
}

std::vector<Reversal> RaceAnalysis::reversals() const {
  std::vector<Reversal> all;
  // What an execution was cut off from is explored elsewhere.
  const bool ended = record_.end == EndState::kComplete || record_.end == EndState::kDeadlock ||
                     record_.end == EndState::kLivelock;
  const size_t seconds = ended ? count() : record_.steps.size();
  for (StepIndex second = 0; second < seconds; ++second) {
    for (uint32_t outcome = 0; !is_pending(second) && outcome < candidate(second).outcomes();
         ++outcome)
      if (outcome != record_.steps[second].choice.outcome)
        all.push_back(with_outcome(second, outcome));
    reverse_races_of(second, all);
  }
  return all;
}

Reversal RaceAnalysis::with_outcome(StepIndex step, uint32_t outcome) const {
  Reversal reversal;
  reversal.first = reversal.second = step;
  reversal.choice = {candidate(step).actor, outcome};
  reversal.footprint = candidate(step).footprint_of(outcome);
  for (StepIndex later = step + 1; later < record_.steps.size(); ++later)
    if (!happens_before(step, later)) reversal.steps.push_back(later);
  reversal.steps.push_back(step);
  return reversal;
}

std::optional<Reversal> RaceAnalysis::reverse(StepIndex first, StepIndex second) const {
  Reversal reversal;
  reversal.first = first;
  reversal.second = second;
  reversal.choice = recorded_choice(second);
  const Candidate& late = candidate(second);
  // Parked already before the first step ran: then the record tells how it stood.
  const Candidate* early = arrival_[second] <= first ? at_decision(first, late.actor) : nullptr;

  Footprint any = touched(second);
  append(any, late.potential);
  if (early != nullptr) {
    append(any, early->footprint);
    append(any, early->potential);
  }
  // A later step that the second one might clash with in its new place stays out: it may not be
  // possible there.
  bool undisturbed = true;
  std::vector<StepIndex> left_out;
  for (StepIndex step = first + 1; step < record_.steps.size(); ++step) {
    if (step == second || happens_before(first, step)) continue;
    const bool clashes = dependent(record_.steps[step].footprint, any);
    if (step > second &&
        (clashes || std::any_of(left_out.begin(), left_out.end(),
                                [&](StepIndex out) { return happens_before(out, step); }))) {
      left_out.push_back(step);
      continue;
    }
    undisturbed = undisturbed && !clashes;
    reversal.steps.push_back(step);
  }
  reversal.steps.push_back(second);

  if (early != nullptr && undisturbed) {
    if (!early->enabled || reversal.choice.outcome >= early->outcomes()) return std::nullopt;
    reversal.footprint = early->footprint_of(reversal.choice.outcome);
    return reversal;
  }
  // What it needed was provided by a step that now comes later, while the first step itself has
  // nothing to do with that object.
  for (const Access& need : touched(second).needs) {
    const auto concerns = [&](const Access& access) { return access.object == need.object; };
    const std::vector<Access>& of_first = record_.steps[first].footprint.accesses;
    if (std::any_of(of_first.begin(), of_first.end(), concerns)) continue;
    for (StepIndex step = first + 1; step < std::min(second, record_.steps.size()); ++step)
      if (happens_before(first, step) && provides_for(step, second)) return std::nullopt;
  }
  // It was blocked at the end, and the first step took nothing of what it waits for.
  const std::vector<Access>& needs = touched(second).needs;
  const std::vector<Access>& of_first = record_.steps[first].footprint.accesses;
  if (is_pending(second) && !candidate(second).enabled && !needs.empty() &&
      std::none_of(of_first.begin(), of_first.end(), [&](const Access& access) {
        return access.mode != AccessMode::kRead &&
               std::any_of(needs.begin(), needs.end(), [&](const Access& need) {
                 return need.object == access.object || access.object == kEverything;
               });
      }))
    return std::nullopt;
  reversal.footprint = std::move(any);
  reversal.tentative = true;
  return reversal;
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
        if (dependent(footprint(reversal, reversal.steps[k]), touches)) return {};
      return {true, false, i};
    }
    if (independent && dependent(touches, wanted_footprint)) independent = false;
  }
  return {false, independent, 0};
}

}  // namespace fb
