#include "core/trace/lcs.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fb {
namespace {

// The textbook table, as the oracle of the length.
size_t length_by_table(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b) {
  std::vector<std::vector<size_t>> table(a.size() + 1, std::vector<size_t>(b.size() + 1, 0));
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      table[i][j] = a[i - 1] == b[j - 1] ? table[i - 1][j - 1] + 1
                                         : std::max(table[i - 1][j], table[i][j - 1]);
    }
  }
  return table[a.size()][b.size()];
}

TEST(LcsTest, EmptyAndEqual) {
  EXPECT_TRUE(longest_common_subsequence({}, {}).empty());
  const std::vector<uint32_t> a = {1, 2, 3};
  EXPECT_TRUE(longest_common_subsequence(a, {}).empty());
  EXPECT_EQ(longest_common_subsequence(a, a).size(), 3u);
}

RC_GTEST_PROP(LcsProperty, PairsAreCommonAscendingAndAsManyAsPossible, ()) {
  const auto alphabet = *rc::gen::inRange<uint32_t>(1, 6);
  const auto sequence = rc::gen::container<std::vector<uint32_t>>(rc::gen::inRange(0u, alphabet));
  const auto a = *sequence, b = *sequence;
  const auto pairs = longest_common_subsequence(a, b);
  for (size_t n = 0; n < pairs.size(); ++n) {
    RC_ASSERT(pairs[n].first < a.size() && pairs[n].second < b.size());
    RC_ASSERT(a[pairs[n].first] == b[pairs[n].second]);
    if (n > 0) {
      RC_ASSERT(pairs[n - 1].first < pairs[n].first);
      RC_ASSERT(pairs[n - 1].second < pairs[n].second);
    }
  }
  RC_ASSERT(pairs.size() == length_by_table(a, b));
}

TEST(LcsTest, LongSequencesWithLittleInCommonFitInMemory) {
  std::vector<uint32_t> a, b;
  for (uint32_t i = 0; i < 200'000; ++i) {
    a.push_back(2 * i);
    b.push_back(i % 1000 == 0 ? 2 * i : 2 * i + 1);
  }
  EXPECT_EQ(longest_common_subsequence(a, b).size(), 200u);
}

}  // namespace
}  // namespace fb
