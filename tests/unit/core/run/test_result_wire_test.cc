#include "core/run/test_result_wire.h"

#include "tests/support/sample_results.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>

namespace fb {
namespace {

TEST(TestResultWireTest, SampleResultsComeBackEqual) {
  for (const TestResult& test : testing::sample_suite().tests) {
    const auto decoded = decode_test_result(encode_test_result(test));
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    EXPECT_EQ(decoded.value(), test);
  }
}

TEST(TestResultWireTest, EveryTruncationIsAnError) {
  for (const TestResult& test : testing::sample_suite().tests) {
    const std::string whole = encode_test_result(test);
    for (size_t length = 0; length < whole.size(); ++length) {
      EXPECT_FALSE(decode_test_result(std::string_view(whole).substr(0, length)).ok()) << length;
    }
    EXPECT_FALSE(decode_test_result(whole + '\0').ok());
  }
}

TEST(TestResultWireTest, AHugeCountIsAnErrorAndNoAllocation) {
  std::string bytes = encode_test_result(TestResult{});
  // The name's length (after the two-and-a-bit bytes of the format number) becomes 2^63.
  bytes.replace(3, 1, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01");
  EXPECT_FALSE(decode_test_result(bytes).ok());
}

RC_GTEST_PROP(TestResultWireProperty, EveryResultComesBackEqual, ()) {
  const TestResult test = *testing::any_test_result();
  const auto decoded = decode_test_result(encode_test_result(test));
  RC_ASSERT(decoded.ok());
  RC_ASSERT(decoded.value() == test);
}

// One value has one encoding: whatever is accepted is what the encoder would have written.
RC_GTEST_PROP(TestResultWireProperty, DamagedRecordsAreRefusedOrMeanSomethingElse, ()) {
  const TestResult test = *testing::any_test_result();
  std::string bytes = encode_test_result(test);
  const auto position = *rc::gen::inRange<size_t>(0, bytes.size());
  const auto flip = *rc::gen::inRange(1, 256);
  bytes[position] = static_cast<char>(bytes[position] ^ flip);
  const auto decoded = decode_test_result(bytes);
  if (decoded.ok()) {
    RC_ASSERT(encode_test_result(decoded.value()) == bytes);
    RC_ASSERT(!(decoded.value() == test));
  }
}

RC_GTEST_PROP(TestResultWireProperty, GarbageIsAnError, (const std::string& garbage)) {
  RC_ASSERT(!decode_test_result(garbage).ok());
  // Behind a right beginning too.
  const std::string start = encode_test_result(TestResult{}).substr(0, 3);
  const auto decoded = decode_test_result(start + garbage);
  if (decoded.ok()) RC_ASSERT(encode_test_result(decoded.value()) == start + garbage);
}

}  // namespace
}  // namespace fb
