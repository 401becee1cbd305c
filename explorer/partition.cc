#include "explorer/partition.h"

#include "core/sched/blocking.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace fb {

namespace {

const Candidate* find_candidate(const std::vector<Candidate>& candidates, ActorId actor) {
  const auto found =
      std::find_if(candidates.begin(), candidates.end(),
                   [&](const Candidate& candidate) { return candidate.actor == actor; });
  return found == candidates.end() ? nullptr : &*found;
}

// A part with an execution that leads through its beginning.
struct Looked {
  SearchPart part;
  ExecutionRecord record;
};

class Partition {
 public:
  Partition(World& world, const Plan& base) : world_(world), base_(base) {}

  Result<std::vector<SearchPart>> run(size_t wanted) {
    std::vector<Looked> parts;
    if (std::optional<Looked> whole = FB_TRY(look({}))) parts.push_back(std::move(*whole));
    while (parts.size() < wanted) {
      std::vector<Looked> finer;
      bool cut = false;
      for (Looked& looked : parts) {
        if (looked.record.steps.size() <= looked.part.beginning.size()) {
          finer.push_back(std::move(looked));
          continue;
        }
        cut = true;
        FB_TRY(cut_up(looked, finer));
      }
      parts = std::move(finer);
      if (!cut) break;
    }
    std::vector<SearchPart> result;
    for (Looked& looked : parts) result.push_back(std::move(looked.part));
    return result;
  }

 private:
  // Empty: everything in it sleeps, other parts have it.
  Result<std::optional<Looked>> look(SearchPart part) {
    Plan plan = base_;
    plan.prefix = part.beginning;
    for (const SearchTree::Sleeper& sleeper : part.asleep)
      plan.sleep.push_back({sleeper.choice, part.beginning.size()});
    world_.start(0, plan);
    ExecutionRecord record = world_.await_any().record;
    if (record.end == EndState::kBroken) return failed(record.message);
    if (record.steps.size() < part.beginning.size()) return failed(record.message);
    if (record.end == EndState::kRedundant && record.steps.size() == part.beginning.size())
      return std::optional<Looked>();
    return std::optional(Looked{std::move(part), std::move(record)});
  }

  Status cut_up(const Looked& looked, std::vector<Looked>& finer) {
    const size_t depth = looked.part.beginning.size();
    const ExecutedStep& step = looked.record.steps[depth];
    std::vector<SearchTree::Sleeper> left = looked.part.asleep;
    const auto add = [&](Choice choice, const Candidate& candidate,
                         const Footprint* touched) -> Status {
      SearchPart part{looked.part.beginning, {}};
      part.beginning.push_back({choice, candidate.operation, candidate.key});
      std::optional<Looked> next;
      if (touched == nullptr) {
        next = FB_TRY(look(part));
        if (!next) return {};
        touched = &next->record.steps[depth].footprint;
      } else {
        next = Looked{part, looked.record};
      }
      const std::vector<Candidate>& after = depth + 1 < next->record.steps.size()
                                                ? next->record.steps[depth + 1].candidates
                                                : next->record.pending;
      for (const SearchTree::Sleeper& sleeper : left) {
        if (sleeper.choice.actor == choice.actor) continue;
        const Candidate* still = find_candidate(after, sleeper.choice.actor);
        if (still == nullptr || sleeper.choice.outcome >= still->outcomes()) continue;
        if (ordered(sleeper.footprint, *touched)) continue;
        next->part.asleep.push_back({sleeper.choice, still->footprint_of(sleeper.choice.outcome)});
      }
      left.push_back({choice, candidate.footprint_of(choice.outcome)});
      // With its sleepers in place: that something is left to do there.
      if (std::optional<Looked> awake = FB_TRY(look(next->part)))
        finer.push_back(std::move(*awake));
      return {};
    };
    FB_TRY(add(step.choice, step.chosen(), &step.footprint));
    for (const Candidate& candidate : step.candidates) {
      if (!candidate.enabled) continue;
      for (uint32_t outcome = 0; outcome < candidate.outcomes(); ++outcome) {
        const Choice choice{candidate.actor, outcome};
        const bool sleeps = std::any_of(
            left.begin(), left.end(),
            [&](const SearchTree::Sleeper& sleeper) { return sleeper.choice == choice; });
        if (!sleeps) FB_TRY(add(choice, candidate, nullptr));
      }
    }
    return {};
  }

  World& world_;
  const Plan& base_;
};

}  // namespace

Result<std::vector<SearchPart>> partition_search(World& world, const Plan& base, size_t wanted) {
  return Partition(world, base).run(wanted);
}

}  // namespace fb
