#include "core/model/vector_clock.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <rapidcheck/gtest.h>

namespace fb {
namespace {

using Model = std::map<HostIndex, uint64_t>;

Model model_of(const VectorClock& clock) {
  return {clock.entries().begin(), clock.entries().end()};
}

VectorClock merged(VectorClock a, const VectorClock& b) {
  a.merge(b);
  return a;
}

VectorClock any_clock() {
  const auto ticks = *rc::gen::container<std::vector<HostIndex>>(rc::gen::inRange<HostIndex>(0, 6));
  VectorClock clock;
  for (HostIndex host : ticks) clock.tick(host);
  return clock;
}

TEST(VectorClockTest, CountsPerHost) {
  VectorClock clock;
  EXPECT_EQ(clock.at(3), 0u);
  clock.tick(3);
  clock.tick(1);
  clock.tick(3);
  EXPECT_EQ(clock.at(3), 2u);
  EXPECT_EQ(clock.entries().size(), 2u);
  EXPECT_EQ(model_of(clock), (Model{{1, 1}, {3, 2}}));
}

RC_GTEST_PROP(VectorClockTest, MergesComponentWise, ()) {
  const VectorClock a = any_clock();
  const VectorClock b = any_clock();
  Model expected = model_of(a);
  for (const auto& [host, count] : b.entries()) {
    expected[host] = std::max(expected[host], count);
  }
  const VectorClock both = merged(a, b);
  RC_ASSERT(model_of(both) == expected);
  RC_ASSERT(std::ranges::is_sorted(both.entries()));
}

RC_GTEST_PROP(VectorClockTest, IsALattice, ()) {
  const VectorClock a = any_clock();
  const VectorClock b = any_clock();
  const VectorClock c = any_clock();
  RC_ASSERT((merged(a, b) == merged(b, a)));
  RC_ASSERT((merged(merged(a, b), c) == merged(a, merged(b, c))));
  RC_ASSERT((merged(a, a) == a));
  // The merge is the least upper bound.
  RC_ASSERT(a.covered_by(merged(a, b)) && b.covered_by(merged(a, b)));
  const VectorClock above = merged(merged(a, b), c);
  RC_ASSERT(merged(a, b).covered_by(above));
}

RC_GTEST_PROP(VectorClockTest, OrdersPartially, ()) {
  const VectorClock a = any_clock();
  const VectorClock b = any_clock();
  RC_ASSERT(a.covered_by(a));
  RC_ASSERT(VectorClock().covered_by(a));
  RC_ASSERT((a.covered_by(b) && b.covered_by(a)) == (a == b));
  bool every = true;
  for (HostIndex host = 0; host < 6; ++host) every = every && a.at(host) <= b.at(host);
  RC_ASSERT(a.covered_by(b) == every);
  VectorClock later = a;
  later.tick(2);
  RC_ASSERT(a.covered_by(later) && !later.covered_by(a));
}

}  // namespace
}  // namespace fb
