#include "shiviz/timestamp.h"

#include <gtest/gtest.h>
#include <limits>

namespace fb {
namespace {

TEST(TimestampTest, Rfc3339WithNanoseconds) {
  EXPECT_EQ(rfc3339_utc(0), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(rfc3339_utc(1'767'323'045'000'000'678), "2026-01-02T03:04:05.000000678Z");
  EXPECT_EQ(rfc3339_utc(951'782'400'000'000'000 - 1), "2000-02-28T23:59:59.999999999Z");
  EXPECT_EQ(rfc3339_utc(951'782'400'000'000'000), "2000-02-29T00:00:00.000000000Z");
}

TEST(TimestampTest, BeforeTheEpochCountsDown) {
  EXPECT_EQ(rfc3339_utc(-1), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(rfc3339_utc(std::numeric_limits<int64_t>::min()), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(rfc3339_utc(std::numeric_limits<int64_t>::max()), "2262-04-11T23:47:16.854775807Z");
}

TEST(TimestampTest, JunitSeconds) {
  EXPECT_EQ(iso8601_seconds(1'767'323'045'999'999'999), "2026-01-02T03:04:05");
}

}  // namespace
}  // namespace fb
