#include "explorer/dpor/happens_before.h"

#include "core/sched/blocking.h"
#include "core/sched/conflict_index.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace fb {

void merge_clock(HappensBefore::Clock& into, const HappensBefore::Clock& from) {
  for (size_t i = 0; i < into.size(); ++i) into[i] = std::max(into[i], from[i]);
}

HappensBefore::HappensBefore(const ExecutionRecord& record) : record_(record) {
  index_actors();
  find_arrivals();
  order_steps();
}

const Candidate& HappensBefore::candidate(StepIndex step) const {
  if (is_pending(step)) return record_.pending[step - record_.steps.size()];
  return *at_decision(step, record_.steps[step].choice.actor);
}

Choice HappensBefore::choice(StepIndex step) const {
  if (is_pending(step)) return {candidate(step).actor, 0};
  return record_.steps[step].choice;
}

const Footprint& HappensBefore::touched(StepIndex step) const {
  return is_pending(step) ? candidate(step).footprint : record_.steps[step].footprint;
}

const Candidate* HappensBefore::at_decision(size_t decision, ActorId actor) const {
  const std::vector<Candidate>& candidates = record_.steps[decision].candidates;
  const auto found =
      std::lower_bound(candidates.begin(), candidates.end(), actor,
                       [](const Candidate& c, ActorId wanted) { return c.actor < wanted; });
  return found != candidates.end() && found->actor == actor ? &*found : nullptr;
}

void HappensBefore::index_actors() {
  for (StepIndex step = 0; step < count(); ++step) actors_.push_back(choice(step).actor);
  std::sort(actors_.begin(), actors_.end());
  actors_.erase(std::unique(actors_.begin(), actors_.end()), actors_.end());
  std::vector<std::optional<StepIndex>> last(actors_.size());
  for (StepIndex step = 0; step < count(); ++step) {
    const auto actor = static_cast<size_t>(
        std::lower_bound(actors_.begin(), actors_.end(), choice(step).actor) - actors_.begin());
    actor_of_.push_back(actor);
    number_.push_back(last[actor] ? number_[*last[actor]] + 1 : 1);
    previous_.push_back(last[actor].value_or(step));
    last[actor] = step;
  }
}

void HappensBefore::find_arrivals() {
  for (StepIndex step = 0; step < count(); ++step) {
    const ActorId actor = choice(step).actor;
    const size_t lowest = previous_[step] == step ? 0 : previous_[step] + 1;
    size_t arrival = std::min(step, record_.steps.size());
    while (arrival > lowest && at_decision(arrival - 1, actor) != nullptr) --arrival;
    arrival_.push_back(arrival);
  }
}

HappensBefore::Clock HappensBefore::clock_on_arrival(StepIndex step) const {
  Clock clock(actors_.size(), 0);
  if (previous_[step] != step) clock = clocks_[previous_[step]];
  if (arrival_[step] > 0 && previous_[step] != arrival_[step] - 1)
    merge_clock(clock, clocks_[arrival_[step] - 1]);
  return clock;
}

void HappensBefore::order_steps() {
  ConflictIndex index;
  clocks_.reserve(count());
  for (StepIndex step = 0; step < count(); ++step) {
    Clock clock = clock_on_arrival(step);
    const Footprint& footprint = touched(step);
    for (StepIndex earlier : index.ordered_before(footprint)) merge_clock(clock, clocks_[earlier]);
    clock[actor_of_[step]] = number_[step];
    clocks_.push_back(std::move(clock));
    if (!is_pending(step)) index.add(step, actor_of_[step], footprint);
  }
}

bool HappensBefore::provides_for(StepIndex earlier, StepIndex later) const {
  return fb::provides_for(touched(earlier), touched(later));
}

bool HappensBefore::takes_from(StepIndex earlier, StepIndex later) const {
  return fb::takes_from(touched(earlier), touched(later));
}

}  // namespace fb
