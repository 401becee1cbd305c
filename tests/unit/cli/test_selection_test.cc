#include "cli/test_selection.h"

#include <gtest/gtest.h>

namespace fb::cli {
namespace {

using Names = std::vector<std::string>;
const Names kAll = {"test_alpha", "test_beta", "test_gen_x", "test_test_beta"};

Names chosen(const Names& patterns) {
  const Result<Names> result = select_tests(kAll, patterns);
  return result.ok() ? *result : Names{"error: " + result.error().message};
}

TEST(TestSelectionTest, NoPatternChoosesAll) {
  EXPECT_EQ(chosen({}), kAll);
}

TEST(TestSelectionTest, NamesWorkWithAndWithoutPrefix) {
  EXPECT_EQ(chosen({"alpha"}), Names{"test_alpha"});
  EXPECT_EQ(chosen({"test_alpha"}), Names{"test_alpha"});
}

TEST(TestSelectionTest, ShortNameOfADoublyPrefixedTestIsUnambiguous) {
  EXPECT_EQ(chosen({"test_beta"}), (Names{"test_beta", "test_test_beta"}));
  EXPECT_EQ(short_test_name("test_test_beta"), "test_beta");
}

TEST(TestSelectionTest, GlobsMatchEitherForm) {
  EXPECT_EQ(chosen({"gen_*"}), Names{"test_gen_x"});
  EXPECT_EQ(chosen({"*beta"}), (Names{"test_beta", "test_test_beta"}));
}

TEST(TestSelectionTest, OrderIsTheSuitesAndNothingIsChosenTwice) {
  EXPECT_EQ(chosen({"beta", "alpha", "*alpha"}), (Names{"test_alpha", "test_beta"}));
}

TEST(TestSelectionTest, APatternWithoutMatchListsTheTestsAndSuggests) {
  EXPECT_EQ(chosen({"alpah"}),
            Names{"error: no test matches \"alpah\" (did you mean \"test_alpha\"?); the tests are: "
                  "test_alpha, test_beta, test_gen_x, test_test_beta"});
}

}  // namespace
}  // namespace fb::cli
