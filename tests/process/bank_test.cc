// The main job end to end: the double-spend of examples/bank is found, its replay fails the same
// way every time, the corrected twin is exhausted.
#include "tests/support/run_command.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace fb {
namespace {

using nlohmann::json;

const std::string kBank = FB_SOURCE_DIR "/examples/bank/";

json first_test(const CommandResult& run) {
  const json document = json::parse(run.out, nullptr, false);
  EXPECT_FALSE(document.is_discarded()) << run.out << run.err;
  if (document.is_discarded() || document["tests"].empty()) return {};
  return document["tests"][0];
}

// The printed command starts with the word faultbox; tests run the one they built.
std::string with_our_binary(const std::string& command) {
  EXPECT_TRUE(command.starts_with("faultbox ")) << command;
  return FB_BINARY + command.substr(8);
}

TEST(BankTest, FindsTheDoubleSpendAndReplaysIt) {
  const CommandResult found = run_command(
      FB_SOURCE_DIR,
      FB_BINARY " test examples/bank/bank.star --test no_double_spend --explore=all --format json");
  EXPECT_EQ(found.exit_code, 2) << found.err;
  const json test = first_test(found);
  ASSERT_TRUE(test.contains("exploration")) << found.err;
  EXPECT_EQ(test["failure_type"], "assertion");
  EXPECT_EQ(test["reason"], "the account is overdrawn: -60");
  EXPECT_EQ(test["exploration"]["replayed"], "10/10") << test["exploration"].dump(2);
  const std::string replay = with_our_binary(test["replay_command"]) + " --format json";
  for (int i = 0; i < 20; ++i) {
    const CommandResult again = run_command(FB_SOURCE_DIR, replay);
    EXPECT_EQ(again.exit_code, 2) << again.err;
    const json repeated = first_test(again);
    ASSERT_TRUE(repeated.contains("reason")) << again.out << again.err;
    EXPECT_EQ(repeated["reason"], test["reason"]) << again.err;
  }
}

TEST(BankTest, TheCorrectedTwinIsExhaustedWithoutFailure) {
  const CommandResult run = run_command(
      FB_SOURCE_DIR, FB_BINARY " test examples/bank/bank_fixed.star --explore=all --format json");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const json test = first_test(run);
  ASSERT_TRUE(test.contains("exploration")) << run.err;
  EXPECT_EQ(test["result"], "pass");
  EXPECT_EQ(test["exploration"]["exhausted"], true) << test["exploration"].dump(2);
  EXPECT_EQ(test["exploration"]["failures"], 0);
  EXPECT_EQ(test["exploration"]["blocked"], 0);
}

TEST(BankTest, SamplingFindsItToo) {
  const CommandResult found =
      run_command(FB_SOURCE_DIR, FB_BINARY
                  " test examples/bank/bank.star --test no_double_spend "
                  "--explore=sample --strategy rw --runs 60 --seed 1 --format json");
  EXPECT_EQ(found.exit_code, 2) << found.err;
  EXPECT_EQ(first_test(found)["reason"], "the account is overdrawn: -60");
}

}  // namespace
}  // namespace fb
