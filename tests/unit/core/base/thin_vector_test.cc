#include "core/base/thin_vector.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fb {
namespace {

TEST(ThinVectorTest, TakesTheRoomOfOnePointer) {
  EXPECT_EQ(sizeof(ThinVector<uint64_t>), sizeof(void*));
}

TEST(ThinVectorTest, MovingLeavesNothingBehind) {
  ThinVector<char> from{'a', 'b'};
  const ThinVector<char> to = std::move(from);
  EXPECT_TRUE(from.empty());
  EXPECT_EQ(to, (ThinVector<char>{'a', 'b'}));
}

RC_GTEST_PROP(ThinVectorTest, DoesWhatAVectorDoes, (const std::vector<uint64_t>& values)) {
  ThinVector<uint64_t> thin;
  std::vector<uint64_t> plain;
  for (const uint64_t value : values) {
    const size_t at = value % (plain.size() + 1);
    if (value % 3 == 0) {
      thin.insert(thin.begin() + at, value);
      plain.insert(plain.begin() + static_cast<std::ptrdiff_t>(at), value);
    } else if (value % 3 == 1) {
      thin.push_back(value);
      plain.push_back(value);
    } else {
      const std::vector<uint64_t> more(at, value);
      thin.append(more);
      plain.insert(plain.end(), more.begin(), more.end());
    }
    const ThinVector<uint64_t> copy = thin;
    RC_ASSERT(copy == thin);
    RC_ASSERT(std::vector<uint64_t>(copy.begin(), copy.end()) == plain);
  }
}

}  // namespace
}  // namespace fb
