// A search that is stopped anywhere and continued is the search that was not stopped.
#include "explorer/campaign.h"
#include "tests/support/model/model_world.h"
#include "tests/support/model/programs.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

using namespace model;

struct Session {
  ExplorationReport report;
  std::string saved;
};

Session explore(const Program& program, CampaignOptions options, std::string saved,
                std::optional<uint64_t> executions) {
  ModelWorld world(program);
  options.keep_going = true;
  options.max_executions = executions;
  Session session;
  options.checkpoint.saved = std::move(saved);
  options.checkpoint.write = [&](const std::string& bytes) { session.saved = bytes; };
  Result<CampaignResult> result = run_campaign(options, world);
  EXPECT_TRUE(result.ok()) << result.error().message;
  session.report = result->report;
  return session;
}

void expect_the_same_in_pieces(const Program& program, const CampaignOptions& options) {
  const ExplorationReport whole = explore(program, options, "", std::nullopt).report;
  for (uint64_t piece : {1u, 3u, 10u}) {
    Session session = explore(program, options, "", piece);
    for (int i = 0; i < 1000 && session.report.budget == "max-executions"; ++i)
      session = explore(program, options, session.saved, piece);
    EXPECT_EQ(session.report, whole) << program.name << " in pieces of " << piece;
  }
}

TEST(Checkpoint, ExhaustiveSearchGoesOn) {
  for (const Program& program : {lost_update(3), two_stage(3), philosophers(4), last_zero(5),
                                 sdpor_blowup(5), faulty_writes(3)})
    for (Reduction reduction : {Reduction::kOptimal, Reduction::kSource, Reduction::kSleep}) {
      CampaignOptions options;
      options.reduction = reduction;
      expect_the_same_in_pieces(program, options);
    }
}

TEST(Checkpoint, PartsGoOn) {
  CampaignOptions options;
  options.shard = {1, 3};
  expect_the_same_in_pieces(two_stage(3), options);
}

TEST(Checkpoint, SamplingGoesOn) {
  CampaignOptions options;
  options.mode = CampaignOptions::Mode::kSample;
  options.runs = 60;
  expect_the_same_in_pieces(lost_update(3), options);
}

TEST(Checkpoint, FinishedSearchRunsNothingAgain) {
  CampaignOptions options;
  const Program program = lost_update(2);
  const Session done = explore(program, options, "", std::nullopt);
  ModelWorld world(program);
  options.keep_going = true;
  options.shrink_executions_max = options.explain_executions_max = 0;
  options.checkpoint.saved = done.saved;
  const Result<CampaignResult> again = run_campaign(options, world);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->report.exhausted);
  EXPECT_EQ(again->report.traces, 4u);
  EXPECT_EQ(world.runs(), 10u) << "only the ten replays of the counterexample";
}

TEST(Checkpoint, IsWrittenEveryNowAndThen) {
  const Program program = lost_update(3);
  ModelWorld world(program);
  CampaignOptions options;
  options.keep_going = true;
  Duration now{};
  options.elapsed = [&] { return now += std::chrono::seconds(1); };
  int written = 0;
  options.checkpoint.write = [&](const std::string&) { ++written; };
  options.checkpoint.every = std::chrono::seconds(30);
  ASSERT_TRUE(run_campaign(options, world).ok());
  EXPECT_GE(written, 2);
}

TEST(Checkpoint, OfAnotherSearchIsAnError) {
  CampaignOptions options;
  const Program program = lost_update(2);
  for (const std::string saved : {"x", "\x05zzzz", "nonsense that is long enough to be read"}) {
    ModelWorld world(program);
    options.checkpoint.saved = saved;
    EXPECT_FALSE(run_campaign(options, world).ok());
  }
}

TEST(Graph, ShowsStatesAndEnds) {
  const Program program = lost_update(2);
  ModelWorld world(program);
  CampaignOptions options;
  options.graph = options.keep_going = true;
  const std::string dot = run_campaign(options, world)->graph;
  EXPECT_TRUE(dot.starts_with("digraph")) << dot;
  EXPECT_NE(dot.find("p0 pread64"), std::string::npos) << dot;
  size_t failing = 0, passing = 0;
  for (size_t at = 0; (at = dot.find("FAIL", at)) != std::string::npos; ++at) ++failing;
  for (size_t at = 0; (at = dot.find("\"pass\"", at)) != std::string::npos; ++at) ++passing;
  EXPECT_EQ(failing, 2u);
  EXPECT_EQ(passing, 2u);
}

TEST(Estimate, IsExactWhenNothingIsOpenAndCloseInARegularTree) {
  const Program program = writers(6);
  ModelWorld world(program);
  CampaignOptions options;
  options.max_executions = 300;
  const ExplorationReport report = run_campaign(options, world)->report;
  ASSERT_TRUE(report.estimate);
  EXPECT_GT(*report.estimate, 200);
  EXPECT_LT(*report.estimate, 3000);
  options.max_executions.reset();
  EXPECT_FALSE(run_campaign(options, world)->report.estimate);
}

}  // namespace
}  // namespace fb
