#include "explorer/campaign.h"

#include "core/base/check.h"
#include "core/sched/trace_hash.h"
#include "explorer/explain.h"
#include "explorer/preemptions.h"
#include "explorer/shrink.h"
#include "explorer/strategies/bounded.h"
#include "explorer/strategies/sampling.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

namespace fb {

namespace {

constexpr int kReplays = 10;

// Keeps the world busy with a strategy's next plans and hands the records back in the strategy's
// order.
class Pipeline {
 public:
  Pipeline(Strategy& strategy, World& world) : strategy_(strategy), world_(world) {}
  ~Pipeline() { drain(); }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // The next ticket and its record. Empty: nothing is left.
  std::optional<std::pair<uint64_t, ExecutionRecord>> next() {
    const std::vector<uint64_t> tickets =
        strategy_.upcoming(static_cast<size_t>(std::max(world_.capacity(), 1)));
    if (tickets.empty()) return std::nullopt;
    for (uint64_t ticket : tickets)
      if (under_way_.size() < static_cast<size_t>(world_.capacity()) &&
          !under_way_.contains(ticket) && !finished_.contains(ticket)) {
        world_.start(ticket, strategy_.plan(ticket));
        under_way_.insert(ticket);
      }
    while (!finished_.contains(tickets.front())) take();
    auto node = finished_.extract(tickets.front());
    return std::pair(node.key(), std::move(node.mapped()));
  }

  void drain() {
    while (!under_way_.empty()) take();
  }

 private:
  void take() {
    World::Finished finished = world_.await_any();
    under_way_.erase(finished.ticket);
    finished_.emplace(finished.ticket, std::move(finished.record));
  }

  Strategy& strategy_;
  World& world_;
  std::set<uint64_t> under_way_;
  std::map<uint64_t, ExecutionRecord> finished_;
};

ExecutionRecord run_one(World& world, const Plan& plan) {
  world.start(0, plan);
  return world.await_any().record;
}

Plan exact_plan(const Plan& plan, const ExecutionRecord& record) {
  Plan exact = plan;
  exact.sleep.clear();
  exact.prefix.clear();
  for (const ExecutedStep& step : record.steps)
    exact.prefix.push_back({step.choice, step.chosen().operation, step.chosen().key});
  return exact;
}

std::string describe(const Candidate& candidate, const std::vector<std::string>& services) {
  return fmt::format("{} at {}{}{}{}", actor_name(candidate.actor, services), candidate.operation,
                     candidate.key.empty() ? "" : " ", candidate.key,
                     candidate.enabled ? "" : " (blocked)");
}

std::string describe(const std::vector<Candidate>& candidates,
                     const std::vector<std::string>& services) {
  std::string text;
  for (const Candidate& candidate : candidates)
    text += (text.empty() ? "" : ", ") + describe(candidate, services);
  return text.empty() ? "nothing" : text;
}

std::optional<std::string> difference(const std::vector<Candidate>& a,
                                      const std::vector<Candidate>& b,
                                      const std::vector<std::string>& services) {
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    if (a[i] != b[i]) {
      const std::string was = describe(a[i], services), is = describe(b[i], services);
      if (was != is) return fmt::format("once {}, once {}", was, is);
      return fmt::format("{} touches other objects", was);
    }
  if (a.size() == b.size()) return std::nullopt;
  return fmt::format("once {}, once {}", describe(a, services), describe(b, services));
}

class Campaign {
 public:
  Campaign(const CampaignOptions& options, World& world) : options_(options), world_(world) {}

  Result<CampaignResult> run() {
    std::unique_ptr<Strategy> strategy = FB_TRY(make_strategy());
    result_.report.mode = options_.mode == CampaignOptions::Mode::kAll ? "all" : "sample";
    result_.report.strategy = options_.mode == CampaignOptions::Mode::kAll
                                  ? std::string(reduction_name(options_.reduction))
                                  : options_.strategy;
    search(*strategy);
    finish_report(*strategy);
    return std::move(result_);
  }

 private:
  Result<std::unique_ptr<Strategy>> make_strategy() const {
    Plan base;
    base.seed = options_.seed;
    base.max_steps = options_.max_steps;
    base.want_result = false;
    if (options_.mode == CampaignOptions::Mode::kSample)
      return make_sampling({options_.strategy, options_.runs, options_.seed, base});
    if (options_.preemptions_max && options_.reduction != Reduction::kNone)
      return std::unique_ptr<Strategy>(
          std::make_unique<BoundedSearch>(*options_.preemptions_max, base));
    return std::unique_ptr<Strategy>(std::make_unique<ExhaustiveSearch>(
        ExhaustiveOptions{options_.reduction, options_.order, options_.preemptions_max, base}));
  }

  void search(Strategy& strategy) {
    if (const std::optional<Plan> measurement = strategy.measurement()) {
      const ExecutionRecord record = run_one(world_, *measurement);
      if (record.end == EndState::kBroken) {
        result_.broken = record.message;
        return;
      }
      strategy.measured(record);
    }
    Pipeline pipeline(strategy, world_);
    while (true) {
      if (out_of_budget()) return;
      std::optional<std::pair<uint64_t, ExecutionRecord>> next = pipeline.next();
      if (!next) {
        exhausted_ = options_.mode == CampaignOptions::Mode::kAll && !strategy.bound_hit();
        return;
      }
      auto& [ticket, record] = *next;
      const Plan plan = strategy.plan(ticket);
      if (record.end == EndState::kBroken) {
        result_.broken = record.message;
        return;
      }
      if (result_.report.executions == 0) {
        pipeline.drain();
        check_repeatable(plan, record);
      }
      count(plan, record);
      if (record.end == EndState::kDiverged) {
        // What was planned from recorded executions is possible, or they told the wrong story.
        result_.nondeterminism.push_back(record.message);
        return;
      }
      strategy.commit(ticket, record);
      if (record.failed) {
        pipeline.drain();
        keep(plan, std::move(record));
        if (!options_.keep_going) return;
      }
      if (options_.cancelled && options_.cancelled()) {
        result_.report.budget = "cancelled";
        return;
      }
    }
  }

  // As schedules name it: a run of a portfolio has one sampler.
  std::string strategy_of(const Plan& plan) const {
    return options_.mode == CampaignOptions::Mode::kAll ? "all" : plan.policy;
  }

  bool out_of_budget() {
    const ExplorationReport& report = result_.report;
    if (options_.max_executions && report.executions >= *options_.max_executions)
      result_.report.budget = "max-executions";
    else if (options_.max_decisions && decisions_ >= *options_.max_decisions)
      result_.report.budget = "max-decisions";
    else if (options_.max_time && elapsed() >= *options_.max_time)
      result_.report.budget = "max-time";
    return report.budget.has_value();
  }

  Duration elapsed() const { return options_.elapsed ? options_.elapsed() : Duration::zero(); }

  void check_repeatable(const Plan& plan, const ExecutionRecord& record) {
    const ExecutionRecord again = run_one(world_, exact_plan(plan, record));
    if (std::optional<std::string> difference = first_difference(record, again))
      result_.nondeterminism.push_back(std::move(*difference));
  }

  void count(const Plan& plan, const ExecutionRecord& record) {
    ExplorationReport& report = result_.report;
    const uint64_t index = report.executions++;
    decisions_ += record.steps.size();
    report.decisions_max = std::max<uint64_t>(report.decisions_max, record.steps.size());
    std::set<ActorId> actors;
    for (const ExecutedStep& step : record.steps) {
      actors.insert(step.choice.actor);
      if (step.footprint.conservative)
        conservative_.insert({step.chosen().operation, step.chosen().key});
    }
    report.actors_max = std::max<uint64_t>(report.actors_max, actors.size());
    if (record.end == EndState::kStepLimit) step_limit_hit_ = true;
    if (record.end == EndState::kRedundant) {
      ++report.blocked;
      return;
    }
    ++report.complete;
    report.deadlocks += record.end == EndState::kDeadlock;
    if (record.failed) {
      ++report.failures;
      if (!report.first_failure) report.first_failure = index;
    }
    ++traces_[trace_hash(record)];
    Seen& seen = outcomes_[record.outcome];
    if (seen.executions++ == 0)
      seen.example =
          schedule_text(schedule_of(record, plan.seed, strategy_of(plan), options_.level));
    if (!result_.first) result_.first = record;
  }

  void keep(const Plan& plan, ExecutionRecord record) {
    const auto size = std::pair(preemptions(record), record.steps.size());
    if (result_.counterexample && size >= best_size_) return;
    best_size_ = size;
    best_plan_ = plan;
    Schedule schedule = schedule_of(record, plan.seed, strategy_of(plan), options_.level);
    result_.counterexample =
        Counterexample{result_.report.executions - 1, std::move(record), std::move(schedule)};
  }

  void shrink_counterexample() {
    Counterexample& found = *result_.counterexample;
    if (options_.shrink_executions_max > 0 && result_.nondeterminism.empty()) {
      const Duration start = elapsed();
      const ShrinkOptions limits{
          options_.shrink_executions_max,
          [&] { return options_.shrink_time && elapsed() - start >= *options_.shrink_time; }};
      found.record = shrink(world_, best_plan_, found.record, limits);
      found.schedule =
          schedule_of(found.record, best_plan_.seed, strategy_of(best_plan_), options_.level);
    }
    result_.report.preemptions_min = preemptions(found.record);
  }

  void explain_counterexample() {
    const ExecutionRecord& failing = result_.counterexample->record;
    ExplorationReport& report = result_.report;
    const Duration start = elapsed();
    const ExplainOptions limits{
        result_.nondeterminism.empty() ? options_.explain_executions_max : 0,
        [&] { return options_.shrink_time && elapsed() - start >= *options_.shrink_time; }};
    Explanation explanation = explain(world_, best_plan_, failing, limits);
    const ExecutionSize size = size_of(failing);
    report.shrunk =
        ShrunkSize{size.context_switches, explanation.relevant, size.operations, size.faults};
    report.race = std::move(explanation.race);
    report.critical_decision = std::move(explanation.critical_decision);
    report.first_difference = std::move(explanation.first_difference);
    result_.passing = std::move(explanation.passing);
    if (result_.passing)
      report.passing_schedule = schedule_text(
          schedule_of(*result_.passing, best_plan_.seed, strategy_of(best_plan_), options_.level));
  }

  void replay() {
    const ExecutionRecord& failing = result_.counterexample->record;
    Plan plan = exact_plan(best_plan_, failing);
    plan.want_result = true;
    int same = 0;
    std::optional<std::string> difference;
    for (int i = 0; i < kReplays; ++i) {
      const ExecutionRecord again = run_one(world_, plan);
      const bool repeats = again.failed && again.end == failing.end &&
                           again.outcome == failing.outcome &&
                           trace_hash(again) == trace_hash(failing);
      same += repeats;
      if (!repeats && !difference) difference = first_difference(failing, again);
      if (repeats) result_.counterexample->record.result = again.result;
    }
    result_.report.replayed = fmt::format("{}/{}", same, kReplays);
    if (difference) result_.nondeterminism.push_back(std::move(*difference));
  }

  void finish_report(const Strategy& strategy) {
    ExplorationReport& report = result_.report;
    if (!report.budget && step_limit_hit_) report.budget = "max-steps";
    if (!report.budget) report.budget = strategy.bound_hit();
    if (result_.counterexample && !result_.broken) {
      shrink_counterexample();
      explain_counterexample();
      replay();
    }
    report.traces = traces_.size();
    // Good and Turing: what was seen once only is as likely as what was not seen yet.
    if (options_.mode == CampaignOptions::Mode::kSample && report.complete > 0)
      report.novelty =
          static_cast<double>(std::count_if(traces_.begin(), traces_.end(),
                                            [](const auto& seen) { return seen.second == 1; })) /
          static_cast<double>(report.complete);
    report.conservative = conservative_.size();
    report.exhausted =
        exhausted_ && !step_limit_hit_ && !report.budget && result_.nondeterminism.empty();
    for (auto& [key, seen] : outcomes_)
      report.outcomes.push_back({key, seen.executions, std::move(seen.example)});
    report.seconds = std::chrono::duration<double>(elapsed()).count();
    if (report.executions == 1 && result_.first)
      report.trace_hash = trace_hash(*result_.first).text();
  }

  struct Seen {
    uint64_t executions = 0;
    std::string example;
  };

  const CampaignOptions& options_;
  World& world_;
  CampaignResult result_;
  std::map<Hash128, uint64_t> traces_;
  std::map<std::string, Seen> outcomes_;
  std::set<std::pair<std::string, std::string>> conservative_;
  uint64_t decisions_ = 0;
  bool exhausted_ = false, step_limit_hit_ = false;
  std::pair<uint64_t, size_t> best_size_;
  Plan best_plan_;
};

}  // namespace

std::optional<std::string> first_difference(const ExecutionRecord& a, const ExecutionRecord& b) {
  if (b.end == EndState::kDiverged) return b.message;
  for (size_t i = 0; i < std::min(a.steps.size(), b.steps.size()); ++i) {
    const ExecutedStep &was = a.steps[i], &is = b.steps[i];
    if (auto text = difference(was.candidates, is.candidates, a.services))
      return fmt::format("decision {}: {}", i, *text);
    if (was.choice == is.choice && was.footprint == is.footprint) continue;
    return fmt::format("decision {}: {} touched other objects", i,
                       describe(was.chosen(), a.services));
  }
  if (a.steps.size() != b.steps.size())
    return fmt::format("one execution ended after {} decisions, the other after {}", a.steps.size(),
                       b.steps.size());
  if (auto text = difference(a.pending, b.pending, a.services))
    return fmt::format("at the end: {}", *text);
  if (a.end != b.end || a.failed != b.failed || a.outcome != b.outcome)
    return fmt::format("the same steps led once to {:?}, once to {:?}", a.outcome, b.outcome);
  return std::nullopt;
}

Result<CampaignResult> run_campaign(const CampaignOptions& options, World& world) {
  return Campaign(options, world).run();
}

}  // namespace fb
