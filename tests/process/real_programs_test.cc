// The programs of the table as real processes, in every language they are written in: as many
// executions as there are inequivalent orders, none redundant; every failure found with the fewest
// preemptions, repeated ten times of ten, and explained.
#include "explorer/campaign.h"
#include "tests/process/controlled_world.h"
#include "tests/process/program_table.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <iostream>
#include <regex>

namespace fb {
namespace {

struct Language {
  std::string name;
  std::string binary;             // empty: the compiler is missing
  std::vector<std::string> args;  // before the program's own
};

const std::vector<Language>& languages() {
  static const std::vector<Language> all = {
      {"C", FB_GUEST_DIR "/program", {}},
      {"Go", FB_GUEST_DIR "/program_go", {}},
      {"Python", "/usr/bin/python3", {FB_GUEST_DIR "/program.py"}},
      {"Rust", FB_GUEST_DIR "/program_rs", {}},
  };
  return all;
}

struct Case {
  RealProgram program;
  Language language;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Language& language : languages())
    for (const RealProgram& program : real_programs())
      if (program.is_in(language.name) && program.slow == FB_SLOW_PROGRAMS)
        all.push_back({program, language});
  return all;
}

LineScenario scenario_of(const Case& c) {
  LineScenario scenario;
  uint16_t port = 7100;
  for (const std::string& script : c.program.scripts) {
    LineService service{.name = std::string(1, static_cast<char>('a' + port - 7100)),
                        .binary = c.language.binary,
                        .args = c.language.args,
                        .port = port};
    for (const std::string& argument :
         {std::to_string(port), std::string("/tmp/fb-program"), c.program.files, script})
      service.args.push_back(argument);
    scenario.go.push_back(service.name);
    scenario.services.push_back(std::move(service));
    ++port;
  }
  scenario.prepare = "reset";
  scenario.first = "a";
  scenario.realtime = true;
  if (!c.program.right.empty())
    scenario.wrong = [right = std::regex(c.program.right)](const std::vector<std::string>& replies,
                                                           const std::string& state) {
      std::string outcome;
      for (const std::string& reply : replies) outcome += reply + " / ";
      return !std::regex_search(outcome + "| " + state, right);
    };
  return scenario;
}

class RealPrograms : public testing::TestWithParam<Case> {};

TEST_P(RealPrograms, ExecutionsAreTraces) {
  const Case& c = GetParam();
  if (!std::filesystem::exists(c.language.binary))
    GTEST_SKIP() << c.language.binary << " is missing: no compiler or interpreter of "
                 << c.language.name << " was found";
  ControlledWorld world(scenario_of(c));
  CampaignOptions options;
  options.keep_going = true;
  options.max_executions = 4 * c.program.traces + 10;
  const CampaignResult result = run_campaign(options, world).value();
  ASSERT_FALSE(result.broken) << *result.broken << world.last_error;
  for (const std::string& difference : result.nondeterminism) ADD_FAILURE() << difference;
  const ExplorationReport& report = result.report;
  EXPECT_TRUE(report.exhausted) << world.last_error;
  EXPECT_EQ(report.traces, c.program.traces);
  EXPECT_EQ(report.executions, c.program.traces) << "redundant executions";
  EXPECT_EQ(report.blocked, 0u);
  EXPECT_EQ(report.failures, c.program.failing);
  EXPECT_EQ(report.deadlocks, c.program.deadlocks);
  EXPECT_EQ(report.conservative, 0u);
  if (testing::Test::HasFailure())
    for (const auto& outcome : report.outcomes)
      std::cout << outcome.executions << " x " << outcome.key << '\n';
  if (c.program.failing == 0) return;
  ASSERT_TRUE(result.counterexample);
  EXPECT_EQ(report.preemptions_min, c.program.preemptions);
  EXPECT_EQ(report.replayed, "10/10");
  ASSERT_EQ(report.race.size(), 2u);
}

std::string name_of(const testing::TestParamInfo<Case>& test) {
  return test.param.program.name + "_" + test.param.language.name;
}

INSTANTIATE_TEST_SUITE_P(All, RealPrograms, testing::ValuesIn(cases()), name_of);

}  // namespace
}  // namespace fb
