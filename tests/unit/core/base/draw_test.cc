#include "core/base/draw.h"

#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace fb {
namespace {

// The reference implementation's vectors: key 00 01 … 0f, message i is 00 01 … (i - 1), read as
// little-endian words.
constexpr uint64_t kSipVectors[] = {
    0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
    0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
    0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
    0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5,
    0x3f2acc7f57c29bdb, 0x699ae9f52cbe4794, 0x4bc1b3f0968dd39c, 0xbb6dc91da77961bd,
    0xbed65cf21aa2ee98, 0xd0f2cbb02e3b67c7, 0x93536795e3a33e88, 0xa80c038ccd5ccec8,
    0xb8ad50c6f649af94, 0xbce192de8a85b8ea, 0x17d835b85bbb15f3, 0x2f2e6163076bcfad,
    0xde4daaaca71dc9a5, 0xa6a2506687956571, 0xad87a3535c49ef28, 0x32d892fad841c342,
    0x7127512f72f27cce, 0xa7f32346f95978e3, 0x12e0b01abb051238, 0x15e034d40fa197ae,
    0x314dffbe0815a3b4, 0x027990f029623981, 0xcadcd4e59ef40c4d, 0x9abfd8766a33735c,
    0x0e3ea96b5304a7d0, 0xad0c42d6fc585992, 0x187306c89bc215a9, 0xd4a60abcf3792b95,
    0xf935451de4f21df2, 0xa9538f0419755787, 0xdb9acddff56ca510, 0xd06c98cd5c0975eb,
    0xe612a3cb9ecba951, 0xc766e62cfcadaf96, 0xee64435a9752fe72, 0xa192d576b245165a,
    0x0a8787bf8ecb74b2, 0x81b3e73d20b49b6f, 0x7fa8220ba3b2ecea, 0x245731c13ca42499,
    0xb78dbfaf3a8d83bd, 0xea1ad565322a1a0b, 0x60e61c23a3795013, 0x6606d7e446282b93,
    0x6ca4ecb15c5f91e1, 0x9f626da15c9625f3, 0xe51b38608ef25f57, 0x958a324ceb064572,
};

TEST(SipHashTest, GivesThePublishedVectors) {
  std::string message;
  for (uint64_t expected : kSipVectors) {
    EXPECT_EQ(siphash24(0x0706050403020100, 0x0f0e0d0c0b0a0908, message), expected)
        << "length " << message.size();
    message += static_cast<char>(message.size());
  }
}

TEST(RngTest, IsSplitMix64) {
  Rng rng(1234567);
  for (uint64_t expected : {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                            4593380528125082431u, 16408922859458223821u}) {
    EXPECT_EQ(rng.next(), expected);
  }
}

struct DrawRow {
  uint64_t seed;
  std::string_view test;
  std::string_view service;
  std::string_view rule;
  std::array<double, 3> draws;
};

// The table of spec §14.
TEST(DrawTest, GivesTheRowsOfTheSpecification) {
  const std::vector<DrawRow> rows = {
      {1,
       "test_flaky_network",
       "orders",
       "|connect=deny(ECONNREFUSED)|0",
       {.509764, .938780, .338962}},
      {42,
       "test_flaky_network",
       "orders",
       "|connect=deny(ECONNREFUSED)|0",
       {.533415, .527186, .220908}},
      {7,
       "test_a",
       "db",
       "|write=delay(500ms) path=*.wal trigger=after=2|0",
       {.558942, .428459, .582550}},
      {7, "test_a", "mq", "1|main:drop(topic=orders.*)|1", {.277350, .203473, .345341}},
  };
  for (const DrawRow& row : rows) {
    for (uint64_t n = 1; n <= 3; ++n) {
      const double u = draw(row.seed, row.test, row.service, row.rule, n);
      EXPECT_EQ(std::round(u * 1e6) / 1e6, row.draws[n - 1]) << row.rule << " n=" << n;
    }
  }
}

RC_GTEST_PROP(DrawTest, LiesInTheUnitInterval, (uint64_t seed, uint64_t n)) {
  const double u = draw(seed, "t", "s", "r", n);
  RC_ASSERT(u >= 0.0 && u < 1.0);
}

TEST(DrawTest, TellsItsPartsApart) {
  EXPECT_NE(draw(1, "ab", "c", "r", 1), draw(1, "a", "bc", "r", 1));
}

RC_GTEST_PROP(RngTest, StaysBelowTheBound, (uint64_t seed, uint64_t bound)) {
  RC_PRE(bound > 0u);
  RC_ASSERT(Rng(seed).below(bound) < bound);
}

TEST(RngTest, FillsSmallBoundsEvenly) {
  Rng rng(7);
  std::array<int, 6> seen{};
  for (int i = 0; i < 60'000; ++i) ++seen[rng.below(6)];
  for (int count : seen) EXPECT_NEAR(count, 10'000, 400);  // more than four standard deviations
}

// Just above 2^63 nearly half of all products have to be thrown away.
TEST(RngTest, RejectsWithoutBias) {
  const uint64_t bound = (uint64_t{1} << 63) + 1;
  Rng rng(3);
  int low_half = 0;
  for (int i = 0; i < 10'000; ++i) low_half += rng.below(bound) < bound / 2 ? 1 : 0;
  EXPECT_NEAR(low_half, 5'000, 250);
}

}  // namespace
}  // namespace fb
