#include "tests/support/model/model_world.h"

#include "core/base/check.h"
#include "core/sched/blocking.h"
#include "explorer/replay_chooser.h"

#include <algorithm>

namespace fb::model {

namespace {

std::vector<Candidate> candidates_of(const Program& program, const State& state) {
  std::vector<Candidate> candidates;
  for (size_t i = 0; i < program.bodies.size(); ++i) {
    if (!present(state, i)) continue;
    const Op& op = state.pending[i];
    candidates.push_back({ActorId::service({static_cast<uint16_t>(i)}, 0, 0),
                          std::string(call_name(op.call)),
                          object_name(op),
                          footprint(program, state, i, 0),
                          potential(program, state, i),
                          enabled(program, state, i),
                          {}});
    for (uint32_t outcome = 1; outcome < op.outcomes; ++outcome)
      candidates.back().alternatives.push_back(footprint(program, state, i, outcome));
  }
  return candidates;
}

}  // namespace

ExecutionRecord ModelWorld::run(const Plan& plan) {
  ++runs_;
  ExecutionRecord record;
  for (size_t i = 0; i < program_.bodies.size(); ++i)
    record.services.push_back("p" + std::to_string(i));
  Result<std::unique_ptr<ReplayChooser>> chooser = make_chooser(plan, record.services);
  FB_CHECK(chooser.ok());
  State state = program_.initial();
  std::optional<ActorId> last;
  while (true) {
    std::vector<Candidate> candidates = candidates_of(program_, state);
    if (std::none_of(candidates.begin(), candidates.end(),
                     [](const Candidate& c) { return c.enabled; })) {
      record.end = candidates.empty() ? EndState::kComplete : EndState::kDeadlock;
      record.pending = std::move(candidates);
      break;
    }
    if (record.steps.size() >= plan.max_steps) {
      record.end = EndState::kStepLimit;
      record.pending = std::move(candidates);
      break;
    }
    const DecisionPoint point{record.steps.size(), candidates, last,
                              record.steps.empty() ? nullptr : &record.steps.back().footprint};
    const std::optional<Choice> choice = (*chooser)->choose(point);
    if (!choice) {
      record.end = (*chooser)->stop().end;
      record.message = (*chooser)->stop().message;
      record.pending = std::move(candidates);
      break;
    }
    const size_t process = choice->actor.index;
    Footprint touched = footprint(program_, state, process, choice->outcome);
    execute(program_, state, process, choice->outcome);
    record.steps.push_back({std::move(candidates), *choice, std::move(touched)});
    last = choice->actor;
  }
  const bool ended = record.end == EndState::kComplete || record.end == EndState::kDeadlock;
  record.failed = record.end == EndState::kDiverged ||
                  (ended && failed(program_, state, record.end == EndState::kDeadlock));
  if (record.end == EndState::kDeadlock)
    record.message = describe_deadlock(record.steps, record.pending, record.services);
  if (ended) record.outcome = outcome_text(state, record.failed);
  if (tamper) tamper(runs_, record);
  return record;
}

void ModelWorld::start(uint64_t ticket, const Plan& plan) {
  FB_CHECK(finished_.size() < static_cast<size_t>(capacity_));
  finished_.emplace(ticket, run(plan));
}

World::Finished ModelWorld::await_any() {
  FB_CHECK(!finished_.empty());
  auto node = finished_.extract(std::prev(finished_.end()));
  return {node.key(), std::move(node.mapped())};
}

}  // namespace fb::model
