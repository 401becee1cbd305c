#include "explorer/tally.h"

#include <algorithm>

namespace fb {

void Tally::count(const ExecutionRecord& record, bool merged) {
  const uint64_t index = report_.executions++;
  decisions_ += record.steps.size();
  report_.decisions_max = std::max<uint64_t>(report_.decisions_max, record.steps.size());
  std::set<ActorId> actors;
  for (const ExecutedStep& step : record.steps) {
    actors.insert(step.choice.actor);
    if (step.footprint.conservative)
      conservative_.insert({step.chosen().operation, step.chosen().key});
  }
  report_.actors_max = std::max<uint64_t>(report_.actors_max, actors.size());
  if (record.end == EndState::kStepLimit) step_limit_hit_ = true;
  if (record.end == EndState::kRedundant) {
    ++report_.blocked;
    return;
  }
  ++(merged ? report_.merged : report_.complete);
  report_.deadlocks += record.end == EndState::kDeadlock;
  if (record.failed) {
    ++report_.failures;
    if (!report_.first_failure) report_.first_failure = index;
  }
  ++traces_[trace_hash(record)];
}

void Tally::report(ExplorationReport& report, bool sampled, bool parts) const {
  report.executions = report_.executions;
  report.complete = report_.complete;
  report.blocked = report_.blocked;
  report.merged = report_.merged;
  report.deadlocks = report_.deadlocks;
  report.failures = report_.failures;
  report.first_failure = report_.first_failure;
  report.decisions_max = report_.decisions_max;
  report.actors_max = report_.actors_max;
  report.traces = traces_.size();
  report.conservative = conservative_.size();
  for (const auto& [key, outcome] : outcomes_)
    report.outcomes.push_back({key, outcome.executions, outcome.example});
  if (!sampled) return;
  std::map<std::string, uint64_t> seen;
  for (const auto& [trace, times] : traces_) seen[trace.text()] = times;
  if (!seen.empty()) report.novelty = chance_of_something_new(seen);
  if (parts) report.trace_counts = std::move(seen);
}

void Tally::save(WireWriter& out) const {
  for (uint64_t counter :
       {report_.executions, report_.complete, report_.blocked, report_.merged, report_.deadlocks,
        report_.failures, report_.decisions_max, report_.actors_max, decisions_})
    out.u64(counter);
  out.u64(report_.first_failure ? *report_.first_failure + 1 : 0);
  out.boolean(step_limit_hit_);
  out.count(traces_.size());
  for (const auto& [trace, times] : traces_) {
    out.u64(trace.high);
    out.u64(trace.low);
    out.u64(times);
  }
  out.count(outcomes_.size());
  for (const auto& [key, outcome] : outcomes_) {
    out.string(key);
    out.u64(outcome.executions);
    out.string(outcome.example);
  }
  out.count(conservative_.size());
  for (const auto& [operation, key] : conservative_) {
    out.string(operation);
    out.string(key);
  }
}

Status Tally::load(WireReader& in) {
  for (uint64_t* counter : {&report_.executions, &report_.complete, &report_.blocked,
                            &report_.merged, &report_.deadlocks, &report_.failures,
                            &report_.decisions_max, &report_.actors_max, &decisions_})
    *counter = FB_TRY(in.u64());
  if (const uint64_t first = FB_TRY(in.u64()); first > 0) report_.first_failure = first - 1;
  step_limit_hit_ = FB_TRY(in.boolean());
  const size_t traces = FB_TRY(in.count(3));
  for (size_t i = 0; i < traces; ++i) {
    Hash128 trace;
    trace.high = FB_TRY(in.u64());
    trace.low = FB_TRY(in.u64());
    traces_[trace] = FB_TRY(in.u64());
  }
  const size_t outcomes = FB_TRY(in.count(3));
  for (size_t i = 0; i < outcomes; ++i) {
    Outcome& outcome = outcomes_[FB_TRY(in.string())];
    outcome.executions = FB_TRY(in.u64());
    outcome.example = FB_TRY(in.string());
  }
  const size_t conservative = FB_TRY(in.count(2));
  for (size_t i = 0; i < conservative; ++i) {
    std::string operation = FB_TRY(in.string());
    conservative_.insert({std::move(operation), FB_TRY(in.string())});
  }
  return {};
}

double chance_of_something_new(const std::map<std::string, uint64_t>& seen) {
  uint64_t once = 0, all = 0;
  for (const auto& [what, times] : seen) {
    once += times == 1;
    all += times;
  }
  return all == 0 ? 1.0 : static_cast<double>(once) / static_cast<double>(all);
}

}  // namespace fb
