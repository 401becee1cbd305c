#include "core/base/time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace fb {
namespace {

using namespace std::chrono_literals;

TEST(ParseDurationTest, ReadsTheGrammar) {
  const std::vector<std::pair<std::string, Duration>> rows = {
      {"0", 0ns},
      {"0s", 0ns},
      {"1ns", 1ns},
      {"2us", 2us},
      {"2\u00b5s", 2us},
      {"2\u03bcs", 2us},
      {"500ms", 500ms},
      {"1.5s", 1500ms},
      {".5s", 500ms},
      {"1.s", 1s},
      {"1m30s", 90s},
      {"1h1m1s1ms1us1ns", 1h + 1min + 1s + 1ms + 1us + 1ns},
      {"1s1s", 2s},
      {"0.000000000001h", 3ns},  // 3.6 ns: what is below a nanosecond is cut off
      {"0.33333333333333333333h", 1199999999999ns},
      {"9223372036854775807ns", Duration::max()},
  };
  for (const auto& [text, expected] : rows) {
    const Result<Duration> duration = parse_duration(text);
    ASSERT_TRUE(duration) << text << ": " << duration.error().message;
    EXPECT_EQ(*duration, expected) << text;
  }
}

TEST(ParseDurationTest, SaysWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"", "bad duration \"\": it is empty"},
      {"-1s", "bad duration \"-1s\": it is negative"},
      {"5", "bad duration \"5\": a unit is missing"},
      {"1s5", "bad duration \"1s5\": a unit is missing"},
      {"s", "bad duration \"s\": a number is missing"},
      {".s", "bad duration \".s\": a number is missing"},
      {"+1s", "bad duration \"+1s\": a number is missing"},
      {" 1s", "bad duration \" 1s\": a number is missing"},
      {"1 s", "bad duration \"1 s\": unknown unit \" s\""},
      {"1d", "bad duration \"1d\": unknown unit \"d\""},
      {"1S", "bad duration \"1S\": unknown unit \"S\""},
      {"9223372036854775808ns", "bad duration \"9223372036854775808ns\": it is too long"},
      {"99999999999999999999999ns", "bad duration \"99999999999999999999999ns\": it is too long"},
      {"2562048h", "bad duration \"2562048h\": it is too long"},
      {"2562047h2562047h", "bad duration \"2562047h2562047h\": it is too long"},
  };
  for (const auto& [text, expected] : rows) {
    const Result<Duration> duration = parse_duration(text);
    ASSERT_FALSE(duration) << text;
    EXPECT_TRUE(duration.error().message.starts_with(expected)) << duration.error().message;
    EXPECT_EQ(duration.error().code, Code::kInvalid);
  }
}

TEST(FormatDurationTest, UsesTheLargestUnits) {
  const std::vector<std::pair<Duration, std::string>> rows = {
      {0ns, "0s"},
      {1ns, "1ns"},
      {999ns, "999ns"},
      {1500ns, "1.5\u00b5s"},
      {500ms, "500ms"},
      {500ms + 10ns, "500.00001ms"},
      {1s, "1s"},
      {1500ms, "1.5s"},
      {59s + 999999999ns, "59.999999999s"},
      {1min, "1m0s"},
      {90s, "1m30s"},
      {1h, "1h0m0s"},
      {25h + 500ms, "25h0m0.5s"},
      {-1500ms, "-1.5s"},
      {Duration::max(), "2562047h47m16.854775807s"},
      {Duration::min(), "-2562047h47m16.854775808s"},
  };
  for (const auto& [duration, expected] : rows) EXPECT_EQ(format_duration(duration), expected);
}

RC_GTEST_PROP(FormatDurationTest, IsReadBackExactly, ()) {
  // Shifted, so that all magnitudes are as frequent.
  const auto shift = *rc::gen::inRange(1, 64);
  const auto bits = *rc::gen::arbitrary<uint64_t>();
  const Duration duration{static_cast<int64_t>(bits >> shift)};
  const std::string text = format_duration(duration);
  const Result<Duration> back = parse_duration(text);
  RC_ASSERT(back.ok());
  RC_ASSERT(*back == duration);
}

RC_GTEST_PROP(ParseDurationTest, TakesAnyText, ()) {
  const auto text = *rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("0123456789.hmsnu-+ \xc2\xb5")));
  const Result<Duration> duration = parse_duration(text);
  if (duration) RC_ASSERT(duration->count() >= 0);
}

}  // namespace
}  // namespace fb
