// Searches in parts: disjoint, together everything, and the same whatever runs side by side.
#include "explorer/shard.h"

#include "explorer/campaign.h"
#include "tests/support/model/model_world.h"
#include "tests/support/model/oracle.h"
#include "tests/support/model/programs.h"
#include "tests/support/model/random_program.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <set>

namespace fb {
namespace {

using namespace model;

std::string shard_of(std::string_view text, const std::map<std::string, std::string>& environment) {
  const Result<Shard> shard = parse_shard(text, environment);
  return shard.ok() ? shard->text() : "error: " + shard.error().message;
}

TEST(ParseShard, TakesANumberOrTheEnvironment) {
  EXPECT_EQ(shard_of("", {}), "1/1");
  EXPECT_EQ(shard_of("2/8", {}), "2/8");
  EXPECT_EQ(shard_of("8/8", {{"SLURM_ARRAY_TASK_ID", "3"}}), "8/8");
  EXPECT_EQ(shard_of("", {{"SLURM_ARRAY_TASK_ID", "3"}, {"SLURM_ARRAY_TASK_COUNT", "8"}}), "4/8");
  EXPECT_EQ(shard_of("auto/8", {{"SLURM_ARRAY_TASK_ID", "7"}}), "8/8");
  EXPECT_EQ(shard_of("auto/4", {{"JOB_COMPLETION_INDEX", "0"}}), "1/4");
  EXPECT_EQ(shard_of("", {{"JOB_COMPLETION_INDEX", "0"}}), "1/1");
}

// Arrays 0-7 and 1-8 both fall on eight different parts.
TEST(ParseShard, CoversAnArrayWhateverItCountsFrom) {
  for (int first : {0, 1, 5}) {
    std::set<std::string> parts;
    for (int i = first; i < first + 8; ++i)
      parts.insert(shard_of("auto/8", {{"SLURM_ARRAY_TASK_ID", std::to_string(i)}}));
    EXPECT_EQ(parts.size(), 8u);
  }
}

TEST(ParseShard, RefusesWhatIsNoPart) {
  for (const char* text : {"0/4", "5/4", "1", "a/4", "1/0", "1/", "/4", "auto", "auto/4", "1/4/4"})
    EXPECT_TRUE(shard_of(text, {}).starts_with("error: ")) << text;
  EXPECT_TRUE(shard_of("auto/4", {{"JOB_COMPLETION_INDEX", "x"}}).starts_with("error: "));
}

CampaignResult explore(const Program& program, Shard shard, int capacity = 1,
                       Reduction reduction = Reduction::kOptimal) {
  ModelWorld world(program, capacity);
  CampaignOptions options;
  options.keep_going = true;
  options.shard = shard;
  options.reduction = reduction;
  Result<CampaignResult> result = run_campaign(options, world);
  EXPECT_TRUE(result.ok());
  return *result;
}

TEST(Shards, AreDisjointAndTogetherEverything) {
  for (const Program& program :
       {lost_update(3), two_stage(3), philosophers(4), last_zero(6), many_to_one_pipe(3, 2),
        readers(6), data_choices(2, 3), independent(3, 3), token_ring()}) {
    const uint64_t whole = explore(program, {}).report.traces;
    for (uint64_t count : {2u, 3u, 7u}) {
      uint64_t traces = 0, executions = 0, failures = 0;
      std::set<std::string> outcomes;
      for (uint64_t i = 0; i < count; ++i) {
        const CampaignResult part = explore(program, {i, count});
        EXPECT_TRUE(part.report.exhausted);
        EXPECT_EQ(part.nondeterminism, std::vector<std::string>{});
        EXPECT_EQ(part.report.shard, Shard({i, count}).text());
        traces += part.report.traces;
        executions += part.report.complete;
        failures += part.report.failures;
        for (const auto& outcome : part.report.outcomes) outcomes.insert(outcome.key);
      }
      const OracleAnswer answer = ask_oracle(program);
      EXPECT_EQ(traces, whole) << program.name << " in " << count;
      EXPECT_EQ(executions, whole) << program.name << " in " << count;
      EXPECT_EQ(failures, answer.bad_traces) << program.name << " in " << count;
      EXPECT_EQ(outcomes, answer.outcomes) << program.name << " in " << count;
    }
  }
}

TEST(Shards, DoNotDependOnTheNumberOfJobs) {
  for (uint64_t i = 0; i < 3; ++i)
    EXPECT_EQ(explore(two_stage(3), {i, 3}, 4).report, explore(two_stage(3), {i, 3}).report);
}

RC_GTEST_PROP(Shards, LoseNoTraceOfAnyProgram, ()) {
  const RandomProgram source = *any_program(4, 4);
  size_t steps = 0;
  for (const auto& process : source.processes) steps += process.size();
  RC_PRE(steps <= 11);
  const Program made = program(source);
  const OracleAnswer answer = ask_oracle(made);
  for (Reduction reduction : {Reduction::kOptimal, Reduction::kSleep}) {
    uint64_t traces = 0;
    std::set<std::string> outcomes;
    for (uint64_t i = 0; i < 3; ++i) {
      const CampaignResult part = explore(made, {i, 3}, 1, reduction);
      RC_ASSERT(part.nondeterminism == std::vector<std::string>{});
      traces += part.report.traces;
      for (const auto& outcome : part.report.outcomes) outcomes.insert(outcome.key);
    }
    RC_ASSERT(traces == answer.traces);
    RC_ASSERT(outcomes == answer.outcomes);
  }
}

TEST(Shards, CutASamplingByTheNumberOfTheRun) {
  const Program program = lost_update(3);
  const auto run = [&](Shard shard) {
    ModelWorld world(program);
    CampaignOptions options;
    options.mode = CampaignOptions::Mode::kSample;
    options.runs = 50;
    options.keep_going = true;
    options.shard = shard;
    return run_campaign(options, world)->report;
  };
  const ExplorationReport whole = run({});
  std::map<std::string, uint64_t> outcomes, traces;
  for (uint64_t i = 0; i < 4; ++i) {
    const ExplorationReport part = run({i, 4});
    for (const auto& outcome : part.outcomes) outcomes[outcome.key] += outcome.executions;
    for (const auto& [trace, times] : part.trace_counts) traces[trace] += times;
  }
  EXPECT_EQ(traces.size(), whole.traces);
  ASSERT_EQ(outcomes.size(), whole.outcomes.size());
  for (const auto& outcome : whole.outcomes)
    EXPECT_EQ(outcomes[outcome.key], outcome.executions) << outcome.key;
}

}  // namespace
}  // namespace fb
