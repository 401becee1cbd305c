// One exploration from beginning to end: runs a strategy's plans in a world until nothing is left
// or the budget is used up, counts, and keeps the failing execution that is easiest to read. Before
// the search the first schedule is run twice, afterwards a failing one is replayed ten times; what
// differs is named.
//
// Everything it reports is a function of options, world and budget: not of how many executions the
// world runs at once.
#pragma once
#include "core/base/time.h"
#include "core/run/test_result.h"
#include "core/sched/world.h"
#include "explorer/schedule.h"
#include "explorer/shard.h"
#include "explorer/strategies/exhaustive.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fb {

struct CampaignProgress {
  uint64_t executions = 0, traces = 0, failures = 0;
  // Executions in all, guessed; asked only when it is to be shown, for it costs something.
  std::function<std::optional<double>()> estimate;
};

// A search that is written down from time to time and goes on from there. Budgets count from where
// it went on.
struct Checkpoint {
  std::string saved;  // what an earlier campaign with the same options wrote; empty: begin
  std::function<void(const std::string&)> write;  // empty: nothing is written
  Duration every = std::chrono::seconds(20);
};

struct CampaignOptions {
  enum class Mode : uint8_t { kAll, kSample };
  Mode mode = Mode::kAll;
  uint64_t seed = 0;
  std::string level = "deterministic";  // for schedules
  bool keep_going = false;              // count all failures instead of ending at the first

  // kAll
  Reduction reduction = Reduction::kOptimal;
  SearchTree::Order order = SearchTree::Order::kFewestPreemptions;
  // What needs more preemptions is left out; the reduction is that of strategies/bounded.h then.
  std::optional<uint32_t> preemptions_max;
  // kSample
  std::string strategy = "portfolio";
  uint64_t runs = 100;

  uint64_t max_steps = 100'000;  // per execution
  std::optional<uint64_t> max_executions;
  std::optional<uint64_t> max_decisions;  // of all executions together
  std::optional<Duration> max_time;
  // Time since the campaign began, as far as the budget and the report are concerned. Empty: none
  // passes.
  std::function<Duration()> elapsed;
  // The counterexample is made easier to read, with at most so many executions; 0: it is not.
  uint64_t shrink_executions_max = 1000;
  // Then what it failed of is found out, with at most so many; 0: it is not.
  uint64_t explain_executions_max = 500;
  std::optional<Duration> shrink_time;  // for each of the two
  // Asked after every execution; true ends the search.
  std::function<bool()> cancelled;
  // Told after every execution.
  std::function<void(const CampaignProgress&)> progress;

  Shard shard;         // explore only this part
  bool graph = false;  // CampaignResult::graph is wanted
  Checkpoint checkpoint;
};

struct Counterexample {
  uint64_t index = 0;  // how-manieth execution, from 0
  ExecutionRecord record;
  Schedule schedule;
};

struct CampaignResult {
  ExplorationReport report;
  std::optional<Counterexample> counterexample;  // fewest preemptions, then shortest, then first
  // The passing execution that shares the longest beginning with the counterexample.
  std::optional<ExecutionRecord> passing;
  // The first execution that ended with a verdict; what to show when all pass.
  std::optional<ExecutionRecord> first;
  // Where two executions of one schedule differed, or a planned one could not be followed. Not
  // empty: the search is not complete, whatever it found.
  std::vector<std::string> nondeterminism;
  std::string graph;  // the states that were reached, in the DOT language
  // A world that could not run at all (EndState::kBroken): why.
  std::optional<std::string> broken;
};

Result<CampaignResult> run_campaign(const CampaignOptions& options, World& world);

// The first difference between two executions of one schedule; empty: none.
std::optional<std::string> first_difference(const ExecutionRecord& a, const ExecutionRecord& b);

}  // namespace fb
