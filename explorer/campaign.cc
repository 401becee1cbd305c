#include "explorer/campaign.h"

#include "core/base/check.h"
#include "core/sched/record_wire.h"
#include "core/sched/trace_hash.h"
#include "explorer/explain.h"
#include "explorer/graph.h"
#include "explorer/preemptions.h"
#include "explorer/sampling/pct.h"
#include "explorer/shrink.h"
#include "explorer/strategies/bounded.h"
#include "explorer/strategies/parted.h"
#include "explorer/strategies/sampling.h"
#include "explorer/tally.h"

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

// More parts than shards, so that the shards get about the same amount of work.
constexpr size_t kPartsPerShard = 8;

class Campaign {
 public:
  Campaign(const CampaignOptions& options, World& world) : options_(options), world_(world) {}

  Result<CampaignResult> run() {
    std::unique_ptr<Strategy> strategy = FB_TRY(make_strategy());
    ExplorationReport& report = result_.report;
    report.mode = sampling() ? "sample" : "all";
    report.strategy = sampling()  ? options_.strategy
                      : bounded() ? "preemption-bound"
                                  : std::string(reduction_name(options_.reduction));
    if (!options_.shard.is_whole()) report.shard = options_.shard.text();
    if (!options_.checkpoint.saved.empty()) FB_TRY(load(*strategy, options_.checkpoint.saved));
    if (!result_.counterexample || options_.keep_going) search(*strategy);
    if (options_.checkpoint.write && !result_.broken) save(*strategy);
    finish_report(*strategy);
    return std::move(result_);
  }

 private:
  bool sampling() const { return options_.mode == CampaignOptions::Mode::kSample; }
  bool bounded() const {
    return options_.preemptions_max && options_.reduction != Reduction::kNone;
  }

  Result<std::unique_ptr<Strategy>> make_strategy() {
    Plan base;
    base.seed = options_.seed;
    base.max_steps = options_.max_steps;
    base.want_result = false;
    if (sampling())
      return make_sampling({options_.strategy, options_.runs, options_.seed, base, options_.shard});
    const ExhaustiveOptions exhaustive{
        options_.reduction, options_.order, options_.preemptions_max, base, {}};
    if (!options_.shard.is_whole()) {
      if (options_.preemptions_max)
        return invalid("a search with a bound on preemptions cannot be cut into shards");
      if (options_.reduction == Reduction::kNone)
        return invalid("a search without reduction cannot be cut into shards");
      return parted(exhaustive);
    }
    if (bounded()) {
      if (options_.checkpoint.write)
        return invalid("a search with a bound on preemptions has no checkpoints");
      return std::unique_ptr<Strategy>(
          std::make_unique<BoundedSearch>(*options_.preemptions_max, base));
    }
    return std::unique_ptr<Strategy>(std::make_unique<ExhaustiveSearch>(exhaustive));
  }

  Result<std::unique_ptr<Strategy>> parted(const ExhaustiveOptions& options) {
    std::vector<SearchPart> parts =
        FB_TRY(partition_search(world_, options.base, options_.shard.count * kPartsPerShard));
    std::vector<SearchPart> own;
    for (size_t i = options_.shard.index; i < parts.size(); i += options_.shard.count)
      own.push_back(std::move(parts[i]));
    return std::unique_ptr<Strategy>(std::make_unique<PartedSearch>(options, std::move(own)));
  }

  void search(Strategy& strategy) {
    if (const std::optional<Plan> measurement = strategy.measurement()) {
      const ExecutionRecord record = run_one(world_, *measurement);
      if (record.end == EndState::kBroken) {
        note_broken(record);
        return;
      }
      strategy.measured(record);
    }
    Pipeline pipeline(strategy, world_);
    while (true) {
      if (out_of_budget()) return;
      std::optional<std::pair<uint64_t, ExecutionRecord>> next = pipeline.next();
      if (!next) {
        exhausted_ = !sampling() && !strategy.bound_hit();
        return;
      }
      auto& [ticket, record] = *next;
      const Plan plan = strategy.plan(ticket);
      if (record.end == EndState::kBroken) {
        note_broken(record);
        return;
      }
      if (tally_.executions() == 0) {
        pipeline.drain();
        check_repeatable(plan, record);
      }
      if (record.end == EndState::kDiverged) {
        // What was planned from recorded executions is possible, or they told the wrong story.
        count(plan, record);
        result_.nondeterminism.push_back(record.message);
        return;
      }
      const bool counts = strategy.counts(ticket, record);
      strategy.commit(ticket, record);
      if (!counts) {
        record.end = EndState::kRedundant;
        record.failed = false;
      }
      count(plan, record);
      tell_progress(strategy);
      if (record.failed) {
        pipeline.drain();
        keep(plan, std::move(record));
        if (!options_.keep_going) return;
      }
      if (options_.cancelled && options_.cancelled()) {
        result_.report.budget = "cancelled";
        return;
      }
      if (options_.checkpoint.write && elapsed() - saved_at_ >= options_.checkpoint.every) {
        saved_at_ = elapsed();
        save(strategy);
      }
    }
  }

  // Executions are ended from outside when the user interrupts: the search is not to blame.
  void note_broken(const ExecutionRecord& record) {
    if (options_.cancelled && options_.cancelled())
      result_.report.budget = "cancelled";
    else
      result_.broken = record.message;
  }

  void tell_progress(const Strategy& strategy) const {
    if (options_.progress)
      options_.progress({tally_.executions(), tally_.traces(), tally_.failures(),
                         [&] { return estimate(strategy); }});
  }

  std::optional<double> estimate(const Strategy& strategy) const {
    const std::optional<double> open = strategy.open_share();
    if (!open || *open >= 1 || tally_.executions() == 0) return std::nullopt;
    return static_cast<double>(tally_.executions()) / (1 - *open);
  }

  // As schedules name it: a run of a portfolio has one sampler.
  std::string strategy_of(const Plan& plan) const { return sampling() ? plan.policy : "all"; }

  bool out_of_budget() {
    if (options_.max_executions &&
        tally_.executions() - executions_before_ >= *options_.max_executions)
      result_.report.budget = "max-executions";
    else if (options_.max_decisions && tally_.decisions() >= *options_.max_decisions)
      result_.report.budget = "max-decisions";
    else if (options_.max_time && elapsed() >= *options_.max_time)
      result_.report.budget = "max-time";
    return result_.report.budget.has_value();
  }

  Duration elapsed() const { return options_.elapsed ? options_.elapsed() : Duration::zero(); }

  void check_repeatable(const Plan& plan, const ExecutionRecord& record) {
    const ExecutionRecord again = run_one(world_, plan);
    if (std::optional<std::string> difference = first_difference(record, again))
      result_.nondeterminism.push_back(std::move(*difference));
  }

  void count(const Plan& plan, const ExecutionRecord& record) {
    tally_.add(record, false, [&] {
      return schedule_text(schedule_of(record, plan.seed, strategy_of(plan), options_.level));
    });
    if (options_.graph) graph_.add(record);
    if (!result_.first && record.end != EndState::kRedundant) result_.first = record;
  }

  // --- checkpoints

  void save(const Strategy& strategy) const {
    const std::optional<std::string> search = strategy.save();
    if (!search) return;
    WireWriter out;
    out.string(*search);
    tally_.save(out);
    out.f64(seconds());
    out.string(result_.first ? encode_record(*result_.first) : "");
    out.boolean(result_.counterexample.has_value());
    if (result_.counterexample) {
      out.u64(result_.counterexample->index);
      out.string(encode_record(result_.counterexample->record));
      out.string(encode_plan(best_plan_));
    }
    out.count(result_.nondeterminism.size());
    for (const std::string& difference : result_.nondeterminism) out.string(difference);
    options_.checkpoint.write(out.data());
  }

  Status load(Strategy& strategy, std::string_view saved) {
    WireReader in(saved);
    const std::string search = FB_TRY(in.string());
    FB_TRY(strategy.load(search));
    FB_TRY(tally_.load(in));
    executions_before_ = tally_.executions();
    seconds_before_ = FB_TRY(in.f64());
    if (const std::string first = FB_TRY(in.string()); !first.empty())
      result_.first = FB_TRY(decode_record(first));
    if (FB_TRY(in.boolean())) {
      const uint64_t index = FB_TRY(in.u64());
      const std::string record_bytes = FB_TRY(in.string());
      const std::string plan_bytes = FB_TRY(in.string());
      ExecutionRecord record = FB_TRY(decode_record(record_bytes));
      const Plan plan = FB_TRY(decode_plan(plan_bytes));
      keep(plan, std::move(record));
      result_.counterexample->index = index;
    }
    const size_t differences = FB_TRY(in.count());
    for (size_t i = 0; i < differences; ++i) result_.nondeterminism.push_back(FB_TRY(in.string()));
    return in.finish();
  }

  double seconds() const {
    return seconds_before_ + std::chrono::duration<double>(elapsed()).count();
  }

  void keep(const Plan& plan, ExecutionRecord record) {
    const auto size = std::pair(preemptions(record), record.steps.size());
    if (result_.counterexample && size >= best_size_) return;
    best_size_ = size;
    best_plan_ = plan;
    Schedule schedule = schedule_of(record, plan.seed, strategy_of(plan), options_.level);
    result_.counterexample =
        Counterexample{tally_.executions() - 1, std::move(record), std::move(schedule)};
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
    race_steps_ = std::move(explanation.race_steps);
    critical_step_ = explanation.critical;
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
      if (!repeats) continue;
      result_.counterexample->record.result = again.result;
      add_values(again);
    }
    result_.report.replayed = fmt::format("{}/{}", same, kReplays);
    if (difference) result_.nondeterminism.push_back(std::move(*difference));
  }

  // What racing steps read and wrote, and their events, from an execution that recorded them.
  void add_values(const ExecutionRecord& shown) {
    ExplorationReport& report = result_.report;
    for (size_t i = 0; i < race_steps_.size(); ++i) {
      if (race_steps_[i] >= shown.steps.size()) continue;
      report.race[i].value = shown.steps[race_steps_[i]].value;
      report.race[i].seq = shown.steps[race_steps_[i]].seq;
    }
    if (critical_step_ && *critical_step_ < shown.steps.size())
      report.critical_seq = shown.steps[*critical_step_].seq;
  }

  void finish_report(const Strategy& strategy) {
    ExplorationReport& report = result_.report;
    if (!report.budget && tally_.step_limit_hit()) report.budget = "max-steps";
    if (!report.budget) report.budget = strategy.bound_hit();
    tally_.report(report, sampling(), !options_.shard.is_whole());
    report.exhausted =
        exhausted_ && !tally_.step_limit_hit() && !report.budget && result_.nondeterminism.empty();
    if (!sampling() && !report.exhausted) report.estimate = estimate(strategy);
    if (sampling() && report.failures == 0)
      if (const std::optional<uint32_t> depth = pct_depth(options_.strategy);
          depth && report.actors_max > 0)
        report.miss_bound =
            pct_miss_bound(report.actors_max, report.decisions_max, *depth, report.complete);
    if (result_.counterexample && !result_.broken && report.budget != "cancelled") {
      shrink_counterexample();
      explain_counterexample();
      replay();
    }
    // What replays showed counts too.
    report.exhausted = report.exhausted && result_.nondeterminism.empty();
    report.seconds = seconds();
    if (options_.graph) result_.graph = graph_.dot();
    if (report.executions == 1 && result_.first)
      report.trace_hash = trace_hash(*result_.first).text();
  }

  const CampaignOptions& options_;
  World& world_;
  CampaignResult result_;
  Tally tally_;
  SearchGraph graph_;
  bool exhausted_ = false;
  uint64_t executions_before_ = 0;  // of an earlier campaign
  double seconds_before_ = 0;
  Duration saved_at_ = Duration::zero();
  std::pair<uint64_t, size_t> best_size_;
  Plan best_plan_;
  std::vector<size_t> race_steps_;  // of the counterexample
  std::optional<uint64_t> critical_step_;
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
