// The samplers against exact or published hit probabilities: not that they find a bug, but how
// often.
#include "explorer/strategies/sampling.h"

#include "explorer/campaign.h"
#include "explorer/policy.h"
#include "explorer/sampling/pct.h"
#include "explorer/sampling/profile.h"
#include "tests/support/model/model_world.h"
#include "tests/support/model/oracle.h"
#include "tests/support/model/programs.h"
#include "tests/support/model/random_program.h"

#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <ostream>
#include <rapidcheck/gtest.h>
#include <set>

namespace fb {
namespace {

using namespace model;

constexpr uint64_t kRuns = 20'000;

template <class Visit>
void sample(const Program& program, const std::string& strategy, uint64_t runs, Visit visit) {
  ModelWorld world(program);
  const auto sampling = *make_sampling({strategy, runs, 0, {}});
  sampling->measured(world.run(*sampling->measurement()));
  for (uint64_t i = 0; i < runs; ++i) {
    const uint64_t ticket = sampling->upcoming(1)[0];
    const ExecutionRecord record = world.run(sampling->plan(ticket));
    visit(record);
    sampling->commit(ticket, record);
  }
}

double hit_rate(const Program& program, const std::string& strategy) {
  uint64_t hits = 0;
  sample(program, strategy, kRuns, [&](const ExecutionRecord& record) { hits += record.failed; });
  return static_cast<double>(hits) / static_cast<double>(kRuns);
}

// χ² with one degree of freedom; 10.83 is exceeded by chance in one of a thousand cases, and the
// seeds are fixed.
double chi_square(double rate, double probability) {
  const double n = kRuns;
  return n * (rate - probability) * (rate - probability) / (probability * (1 - probability));
}

struct Known {
  std::string label;
  std::function<Program()> make;
  double probability;
};
void PrintTo(const Known& known, std::ostream* out) {
  *out << known.label;
}

class RandomWalk : public testing::TestWithParam<Known> {};

TEST_P(RandomWalk, HitsAsOftenAsItShould) {
  const Program program = GetParam().make();
  EXPECT_NEAR(ask_oracle(program).random_walk_hits, GetParam().probability, 5e-7);
  EXPECT_LT(chi_square(hit_rate(program, "rw"), GetParam().probability), 10.83);
}

INSTANTIATE_TEST_SUITE_P(
    Exact, RandomWalk,
    testing::Values(Known{"lost update 2", [] { return lost_update(2); }, 1.0 / 2},
                    Known{"lost update 3", [] { return lost_update(3); }, 5.0 / 6},
                    Known{"deadlock01", [] { return deadlock01(); }, 1.0 / 2},
                    Known{"lazy01", [] { return lazy01(); }, 1.0 / 3},
                    Known{"reorder 2", [] { return reorder(2); }, 1.0 / 4},
                    Known{"reorder 3", [] { return reorder(3); }, 20.0 / 81},
                    Known{"philosophers 3", [] { return philosophers(3); }, 1.0 / 3},
                    Known{"philosophers 4", [] { return philosophers(4); }, 11.0 / 48},
                    Known{"philosophers 5", [] { return philosophers(5); }, 19.0 / 120},
                    Known{"check then create", [] { return check_then_create(2); }, 1.0 / 2},
                    Known{"bluetooth", [] { return bluetooth(); }, 5.0 / 128},
                    Known{"token ring", [] { return token_ring(); }, 0.262334},
                    Known{"two stage 2", [] { return two_stage(2); }, 1.0 / 32}));

TEST(Oracle, CountsInterleavings) {
  const auto interleavings = [](const Program& program) {
    const OracleAnswer answer = ask_oracle(program);
    return std::pair(answer.bad_interleavings, answer.interleavings);
  };
  EXPECT_EQ(interleavings(lost_update(2)), std::pair(4.0, 6.0));
  EXPECT_EQ(interleavings(lost_update(3)), std::pair(84.0, 90.0));
  EXPECT_EQ(interleavings(reorder(3)), std::pair(28.0, 90.0));
  EXPECT_EQ(interleavings(philosophers(3)), std::pair(6.0, 168.0));
  EXPECT_EQ(interleavings(two_stage(2)), std::pair(1.0, 37.0));
  EXPECT_EQ(interleavings(bluetooth()), std::pair(4.0, 49.0));
  EXPECT_EQ(interleavings(reorder(2)), std::pair(2.0, 6.0));
  EXPECT_EQ(interleavings(check_then_create(2)).first / interleavings(check_then_create(2)).second,
            4.0 / 6);
  EXPECT_EQ(interleavings(deadlock01()).first / interleavings(deadlock01()).second, 2.0 / 6);
  EXPECT_EQ(interleavings(independent(4, 3)).second, 369600.0);
}

struct Published {
  std::string label;
  std::function<Program()> make;
  std::string strategy;
  double percent;
};
void PrintTo(const Published& published, std::ostream* out) {
  *out << published.label << ", " << published.strategy;
}

class HitRate : public testing::TestWithParam<Published> {};

// Both figures are estimates from 20 000 runs: four standard deviations of each.
TEST_P(HitRate, IsThePublishedOne) {
  const double p = GetParam().percent / 100;
  const double deviation = std::sqrt(p * (1 - p) / static_cast<double>(kRuns));
  EXPECT_NEAR(hit_rate(GetParam().make(), GetParam().strategy), p, 0.0006 + 6 * deviation);
}

INSTANTIATE_TEST_SUITE_P(
    Published, HitRate,
    testing::Values(Published{"lost update 2", [] { return lost_update(2); }, "pos", 33.7},
                    Published{"lost update 2", [] { return lost_update(2); }, "surw", 67.1},
                    Published{"lost update 2", [] { return lost_update(2); }, "pct:2", 24.7},
                    Published{"lost update 2", [] { return lost_update(2); }, "pct:3", 50.5},
                    Published{"deadlock01", [] { return deadlock01(); }, "pos", 33.4},
                    Published{"deadlock01", [] { return deadlock01(); }, "surw", 33.0},
                    Published{"deadlock01", [] { return deadlock01(); }, "pct:2", 9.9},
                    Published{"deadlock01", [] { return deadlock01(); }, "pct:3", 19.6},
                    Published{"reorder 5", [] { return reorder(5); }, "pos", 24.8},
                    Published{"reorder 5", [] { return reorder(5); }, "surw", 23.6},
                    Published{"reorder 5", [] { return reorder(5); }, "pct:2", 4.4},
                    Published{"reorder 5", [] { return reorder(5); }, "pct:3", 8.0},
                    Published{"two stage 3", [] { return two_stage(3); }, "pos", 8.2},
                    Published{"two stage 3", [] { return two_stage(3); }, "pct:2", 5.2},
                    Published{"two stage 3", [] { return two_stage(3); }, "pct:3", 8.6},
                    Published{"philosophers 5", [] { return philosophers(5); }, "pos", 7.1},
                    Published{"philosophers 5", [] { return philosophers(5); }, "surw", 6.7},
                    Published{"philosophers 5", [] { return philosophers(5); }, "pct:2", 0.2},
                    Published{"philosophers 5", [] { return philosophers(5); }, "pct:3", 0.7},
                    Published{"spawned reorder 3", [] { return reorder_spawned(3); }, "rw", 8.4},
                    Published{"spawned reorder 3", [] { return reorder_spawned(3); }, "pos", 15.1},
                    Published{"spawned reorder 3", [] { return reorder_spawned(3); }, "pct:2", 5.6},
                    Published{"spawned reorder 3", [] { return reorder_spawned(3); }, "pct:3",
                              9.5}));

// On one object SURW is uniform over interleavings: χ² with five degrees of freedom, 20.5 is
// exceeded by chance in one of a thousand cases.
TEST(SelectivelyUniform, IsUniformOnOneObject) {
  std::map<std::string, double> seen;
  sample(lost_update(2), "surw", kRuns, [&](const ExecutionRecord& record) {
    std::string order;
    for (const ExecutedStep& step : record.steps)
      order += static_cast<char>('0' + step.choice.actor.index);
    ++seen[order];
  });
  ASSERT_EQ(seen.size(), 6u);
  const double expected = kRuns / 6.0;
  double chi = 0;
  for (const auto& [order, count] : seen) chi += (count - expected) * (count - expected) / expected;
  EXPECT_LT(chi, 20.5);
}

// Where it does not do as published: somewhat less often over two locks, far more often when the
// processes are started one after the other, since it waits for those that are still to come.
TEST(SelectivelyUniform, HitsOftenEnoughElsewhere) {
  EXPECT_GT(hit_rate(two_stage(3), "surw"), 0.08);
  EXPECT_GT(hit_rate(reorder_spawned(3), "surw"), 0.133);
}

TEST(ProbabilisticConcurrencyTesting, KeepsItsPromise) {
  // Depth 2: at least 1 / (n k).
  for (const Program& program : {lost_update(2), reorder(2), deadlock01(), two_stage(2)}) {
    ModelWorld world(program);
    const double k = static_cast<double>(world.run({}).steps.size());
    const double n = static_cast<double>(program.bodies.size());
    EXPECT_GE(hit_rate(program, "pct:2"), 1 / (n * k)) << program.name;
  }
}

TEST(ProbabilisticConcurrencyTesting, StatesItsBound) {
  // Clean executions for 95 %: n = 3, k = 50.
  EXPECT_LE(pct_miss_bound(3, 50, 2, 448), 0.05);
  EXPECT_GT(pct_miss_bound(3, 50, 2, 447), 0.05);
  EXPECT_LE(pct_miss_bound(3, 50, 3, 22467), 0.05);
  EXPECT_GT(pct_miss_bound(3, 50, 3, 22465), 0.05);
  EXPECT_LE(pct_miss_bound(5, 200, 3, 599145), 0.05);
}

// --seed r --runs 1 is run r of any sampling.
TEST(Sampling, RunIsAFunctionOfItsNumber) {
  const Program program = lost_update(3);
  for (const std::string strategy : {"portfolio", "surw", "pos", "rw", "pct:3"}) {
    const auto many = *make_sampling({strategy, 20, 0, {}});
    const auto one = *make_sampling({strategy, 1, 13, {}});
    ModelWorld world(program);
    for (Strategy* sampling : {many.get(), one.get()})
      sampling->measured(world.run(*sampling->measurement()));
    EXPECT_EQ(many->plan(14), one->plan(one->upcoming(1)[0])) << strategy;
  }
}

TEST(Sampling, PortfolioTakesTurns) {
  const auto sampling = *make_sampling({"portfolio", 4, 0, {}});
  std::vector<std::string> policies;
  for (uint64_t ticket : sampling->upcoming(9)) policies.push_back(sampling->plan(ticket).policy);
  EXPECT_EQ(policies, (std::vector<std::string>{"surw", "pos", "surw", "pos"}));
}

TEST(Sampling, ReportsWhatItSaw) {
  const Program program = locked_increments(3);
  ModelWorld world(program);
  CampaignOptions options;
  options.mode = CampaignOptions::Mode::kSample;
  options.runs = 200;
  const Result<CampaignResult> result = run_campaign(options, world);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->report.mode, "sample");
  EXPECT_EQ(result->report.strategy, "portfolio");
  EXPECT_EQ(result->report.executions, 200u);
  EXPECT_EQ(result->report.traces, 6u);
  EXPECT_FALSE(result->report.exhausted);
}

TEST(Sampling, FailingRunIsNamedByItsSeed) {
  const Program program = lost_update(3);
  ModelWorld world(program);
  CampaignOptions options;
  options.mode = CampaignOptions::Mode::kSample;
  options.seed = 40;
  const Result<CampaignResult> result = run_campaign(options, world);
  ASSERT_TRUE(result.ok());
  ASSERT_TRUE(result->counterexample);
  EXPECT_EQ(result->counterexample->schedule.seed, 40 + result->counterexample->index);
  EXPECT_EQ(result->report.replayed, "10/10");
}

TEST(Policy, ParametersAreChecked) {
  for (const char* name : {"pct", "pct:", "pct:0", "pct:x", "pct:101", "rw:1", ""})
    EXPECT_FALSE(make_policy(name, 0, "").ok()) << name;
  for (const char* name : {"pct:1", "pct:100", "rw", "pos", "surw", "default"})
    EXPECT_TRUE(make_policy(name, 0, "").ok()) << name;
}

RC_GTEST_PROP(Profile, TravelsAsText, (uint64_t seed)) {
  const Program made = program(*any_program(4, 5));
  ModelWorld world(made);
  Plan plan;
  plan.policy = "rw";
  plan.policy_seed = seed;
  const Profile profile = profile_of(world.run(plan));
  const Result<Profile> read = decode_profile(encode_profile(profile));
  RC_ASSERT(read.ok());
  RC_ASSERT(*read == profile);
}

// Every sampler can take every program to its end.
RC_GTEST_PROP(Sampling, EndsEveryProgram, ()) {
  const Program made = program(*any_program(4, 5));
  for (const std::string strategy : {"portfolio", "surw", "pos", "rw", "pct:3"})
    sample(made, strategy, 4, [](const ExecutionRecord& record) {
      RC_ASSERT(record.end == EndState::kComplete || record.end == EndState::kDeadlock);
    });
}

}  // namespace
}  // namespace fb
