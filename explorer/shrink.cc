#include "explorer/shrink.h"

#include "explorer/linearise.h"
#include "explorer/preemptions.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace fb {

namespace {

// Steps of one actor without a change in between.
struct Block {
  ActorId actor;
  std::vector<Choice> choices;
};

std::vector<Block> blocks_of(const ExecutionRecord& record) {
  std::vector<Block> blocks;
  for (const ExecutedStep& step : record.steps) {
    if (blocks.empty() || blocks.back().actor != step.choice.actor)
      blocks.push_back({step.choice.actor, {}});
    blocks.back().choices.push_back(step.choice);
  }
  return blocks;
}

class Shrinker {
 public:
  Shrinker(World& world, const Plan& plan, const ExecutionRecord& failing,
           const ShrinkOptions& options)
      : world_(world),
        options_(options),
        plan_(plan),
        best_(failing),
        best_size_(size_of(failing)) {
    plan_.prefix.clear();
    plan_.sleep.clear();
    plan_.policy = "default";
  }

  ExecutionRecord run() {
    if (const std::optional<Linearisation> order = fewest_preemptions(best_)) {
      std::vector<Choice> choices;
      for (StepIndex step : order->order) choices.push_back(best_.steps[step].choice);
      attempt(choices);
    }
    while (one_improvement()) {
    }
    return std::move(best_);
  }

 private:
  bool one_improvement() { return without_one_fault() || cut_short() || with_one_block_moved(); }

  // The rest in the default order, which has no preemptions of its own.
  bool cut_short() {
    const std::vector<Block> blocks = blocks_of(best_);
    for (size_t keep = 0; keep + 1 < blocks.size(); ++keep)
      if (attempt(flatten(std::span(blocks).first(keep)))) return true;
    return false;
  }

  // A block joins the actor's block before or after it, so one or two changes of actor go away.
  bool with_one_block_moved() {
    const std::vector<Block> blocks = blocks_of(best_);
    for (size_t from = 0; from < blocks.size(); ++from)
      for (size_t to = 0; to < blocks.size(); ++to) {
        if (to == from || blocks[to].actor != blocks[from].actor) continue;
        std::vector<Block> moved = blocks;
        Block& target = moved[to];
        const std::vector<Choice>& choices = blocks[from].choices;
        target.choices.insert(to < from ? target.choices.end() : target.choices.begin(),
                              choices.begin(), choices.end());
        moved.erase(moved.begin() + static_cast<ptrdiff_t>(from));
        if (attempt(flatten(moved))) return true;
      }
    for (size_t i = 0; i + 1 < blocks.size(); ++i) {
      std::vector<Block> swapped = blocks;
      std::swap(swapped[i], swapped[i + 1]);
      if (attempt(flatten(swapped))) return true;
    }
    return false;
  }

  bool without_one_fault() {
    std::vector<Choice> choices = flatten(blocks_of(best_));
    for (Choice& choice : choices) {
      if (choice.outcome == 0) continue;
      const uint32_t outcome = std::exchange(choice.outcome, 0);
      if (attempt(choices)) return true;
      choice.outcome = outcome;
    }
    return false;
  }

  static std::vector<Choice> flatten(std::span<const Block> blocks) {
    std::vector<Choice> choices;
    for (const Block& block : blocks)
      choices.insert(choices.end(), block.choices.begin(), block.choices.end());
    return choices;
  }

  // True: it fails in the same way and is smaller; it is the best from now on.
  bool attempt(const std::vector<Choice>& choices) {
    if (executions_ >= options_.executions_max) return false;
    if (options_.out_of_time && options_.out_of_time()) return false;
    ++executions_;
    plan_.prefix.clear();
    // Where the code takes another way than the plan, the default order takes over.
    for (Choice choice : choices) plan_.prefix.push_back({choice, "", "", true});
    world_.start(0, plan_);
    ExecutionRecord record = world_.await_any().record;
    if (!record.failed || record.end != best_.end || record.failure != best_.failure) return false;
    const ExecutionSize size = size_of(record);
    if (size >= best_size_) return false;
    best_ = std::move(record);
    best_size_ = size;
    return true;
  }

  World& world_;
  const ShrinkOptions& options_;
  Plan plan_;
  ExecutionRecord best_;
  ExecutionSize best_size_;
  uint64_t executions_ = 0;
};

}  // namespace

ExecutionSize size_of(const ExecutionRecord& record) {
  ExecutionSize size;
  size.preemptions = preemptions(record);
  size.context_switches = context_switches(record);
  size.faults = static_cast<uint64_t>(
      std::count_if(record.steps.begin(), record.steps.end(),
                    [](const ExecutedStep& step) { return step.choice.outcome != 0; }));
  size.operations = record.steps.size();
  return size;
}

ExecutionRecord shrink(World& world, const Plan& plan, const ExecutionRecord& failing,
                       const ShrinkOptions& options) {
  return Shrinker(world, plan, failing, options).run();
}

}  // namespace fb
