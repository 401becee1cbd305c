#include "core/model/footprint.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <vector>

namespace fb {
namespace {

constexpr ObjectKey kFile{7};
constexpr ObjectKey kOther{8};

Access access(AccessMode mode, uint64_t low = 0, uint64_t high = kToEnd, ObjectKey key = kFile) {
  return {key, mode, low, high};
}

TEST(ClashTest, LetsReadsAndAdditionsCommute) {
  using enum AccessMode;
  const std::vector<std::tuple<AccessMode, AccessMode, bool>> rows = {
      {kRead, kRead, false}, {kAdd, kAdd, false},    {kRead, kAdd, true},
      {kRead, kWrite, true}, {kWrite, kWrite, true}, {kWrite, kAdd, true},
  };
  for (const auto& [a, b, expected] : rows) {
    EXPECT_EQ(clash(access(a), access(b)), expected);
    EXPECT_EQ(clash(access(b), access(a)), expected);
  }
}

TEST(ClashTest, NeedsTheSamePlace) {
  using enum AccessMode;
  EXPECT_FALSE(clash(access(kWrite, 0, 10), access(kWrite, 10, 20)));
  EXPECT_TRUE(clash(access(kWrite, 0, 11), access(kWrite, 10, 20)));
  EXPECT_FALSE(clash(access(kWrite, 5, 5), access(kWrite)));
  EXPECT_FALSE(clash(access(kWrite), access(kWrite, 0, kToEnd, kOther)));
}

TEST(DependentTest, TakesTheUnknownAsEverything) {
  Footprint unknown;
  unknown.everything();
  Footprint reader;
  reader.read(kFile);
  EXPECT_TRUE(unknown.conservative);
  EXPECT_TRUE(dependent(unknown, reader));
  EXPECT_TRUE(dependent(reader, unknown));
  EXPECT_TRUE(dependent(unknown, unknown));
  EXPECT_FALSE(dependent(unknown, Footprint{}));
}

// Few objects and ranges, so that clashes are neither rare nor certain.
Footprint any_footprint() {
  const auto size = *rc::gen::elementOf(std::vector<size_t>{0, 1, 2, 3, 40});
  Footprint out;
  for (size_t i = 0; i < size; ++i) {
    Access a;
    a.object = ObjectKey{*rc::gen::inRange<uint64_t>(1, size > 3 ? 4000 : 4)};
    a.mode = *rc::gen::element(AccessMode::kRead, AccessMode::kWrite, AccessMode::kAdd);
    a.low = *rc::gen::inRange<uint64_t>(0, 8);
    a.high = a.low + *rc::gen::inRange<uint64_t>(0, 4);
    out.accesses.push_back(a);
  }
  if (*rc::gen::inRange(0, 16) == 0) out.everything();
  return out;
}

RC_GTEST_PROP(DependentTest, IsSymmetricAndMeansSomePairClashes, ()) {
  const Footprint a = any_footprint();
  const Footprint b = any_footprint();
  bool expected = false;
  for (const Access& x : a.accesses) {
    for (const Access& y : b.accesses) expected = expected || clash(x, y);
  }
  RC_CLASSIFY(expected, "dependent");
  RC_CLASSIFY(a.accesses.size() * b.accesses.size() > 256, "sorted");
  RC_ASSERT(dependent(a, b) == expected);
  RC_ASSERT(dependent(b, a) == expected);
}

TEST(ObjectKeyTest, IsXxh3) {
  EXPECT_EQ(object_key("").value, 0x2D06800538D394C2u);  // XXH3's published value for no input
  EXPECT_EQ(object_key("/data/1.json"), object_key("/data/1.json"));
  EXPECT_NE(object_key("/data/1.json"), object_key("/data/2.json"));
}

}  // namespace
}  // namespace fb
