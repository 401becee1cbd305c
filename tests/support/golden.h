// Compares a text with a file under tests/golden. With FB_UPDATE_GOLDEN set in the environment the
// file is written instead, and the test fails to say so: look at the difference, then run again.
#pragma once
#include <gtest/gtest.h>
#include <string>
#include <string_view>

namespace fb::testing {

// `path` below tests/golden: "shiviz/human.txt".
::testing::AssertionResult matches_golden(std::string_view text, const std::string& path);

}  // namespace fb::testing
