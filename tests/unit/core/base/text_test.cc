#include "core/base/text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace fb {
namespace {

using namespace std::string_literals;

TEST(QuoteTest, EscapesWhatWouldBreakTheLine) {
  EXPECT_EQ(quote("EOI"), "\"EOI\"");
  EXPECT_EQ(quote(""), "\"\"");
  EXPECT_EQ(quote("a\"b\\c"), "\"a\\\"b\\\\c\"");
  EXPECT_EQ(quote("a\nb\tc\rd"), "\"a\\nb\\tc\\rd\"");
  EXPECT_EQ(quote("\0\x1f\x7f"s), "\"\\x00\\x1f\\x7f\"");
  EXPECT_EQ(quote("caf\u00e9"), "\"caf\u00e9\"");
  EXPECT_EQ(quote("\xff\xc3"), "\"\\xff\\xc3\"");
}

TEST(JoinTest, PutsTheSeparatorBetween) {
  EXPECT_EQ(join({"a", "b", "c"}, ", "), "a, b, c");
  EXPECT_EQ(join(std::vector<std::string>{"a"}, ","), "a");
  EXPECT_EQ(join(std::vector<std::string>{}, ","), "");
  EXPECT_EQ(join(std::vector<std::string_view>{"", ""}, ","), ",");
}

TEST(LineTest, KeepsTextOnOneLine) {
  EXPECT_EQ(escape_newlines("a\nb\r\nc"), "a\\nb\\r\\nc");
  EXPECT_EQ(one_line("a\nb\r\nc\rd\n"), "a b c d ");
}

TEST(ShellQuoteTest, LeavesPlainWordsAlone) {
  EXPECT_EQ(shell_quote("shop.star"), "shop.star");
  EXPECT_EQ(shell_quote("--seed=7"), "--seed=7");
  EXPECT_EQ(shell_quote("fbs1:Ab_-"), "fbs1:Ab_-");
}

TEST(ShellQuoteTest, QuotesTheRest) {
  EXPECT_EQ(shell_quote(""), "''");
  EXPECT_EQ(shell_quote("my spec.star"), "'my spec.star'");
  EXPECT_EQ(shell_quote("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quote("$HOME"), "'$HOME'");
  EXPECT_EQ(shell_quote("~"), "'~'");
  EXPECT_EQ(shell_quote("a*"), "'a*'");
  EXPECT_EQ(shell_command(std::vector<std::string>{"faultbox", "test", "a b"}),
            "faultbox test 'a b'");
}

TEST(SanitiseUtf8Test, ReplacesEachMaximalIllFormedPart) {
  EXPECT_EQ(sanitise_utf8("plain"), "plain");
  EXPECT_EQ(sanitise_utf8("\u00b5\u20ac\U0001f600"), "\u00b5\u20ac\U0001f600");
  // The example of Unicode 15, table 3-11.
  EXPECT_EQ(sanitise_utf8("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41"), "\ufffd\ufffd\ufffd\ufffd\x41");
  // Table 3-8: overlong forms; table 3-9: surrogates; table 3-10: beyond U+10FFFF.
  EXPECT_EQ(sanitise_utf8("\xc0\xaf"), "\ufffd\ufffd");
  EXPECT_EQ(sanitise_utf8("\xe0\x80\xbf"), "\ufffd\ufffd\ufffd");
  EXPECT_EQ(sanitise_utf8("\xed\xa0\x80"), "\ufffd\ufffd\ufffd");
  EXPECT_EQ(sanitise_utf8("\xf4\x91\x92\x93"), "\ufffd\ufffd\ufffd\ufffd");
}

RC_GTEST_PROP(SanitiseUtf8Test, MakesValidTextAndKeepsValidText, (std::vector<uint8_t> bytes)) {
  const std::string text(bytes.begin(), bytes.end());
  const std::string clean = sanitise_utf8(text);
  RC_ASSERT(is_valid_utf8(clean));
  RC_ASSERT(sanitise_utf8(clean) == clean);
  RC_ASSERT((clean == text) == is_valid_utf8(text));
  RC_ASSERT(is_valid_utf8(quote(text)));
}

TEST(Utf8LengthTest, MeasuresTheFirstCharacter) {
  EXPECT_EQ(utf8_length(""), 0u);
  EXPECT_EQ(utf8_length("a\u00e9"), 1u);
  EXPECT_EQ(utf8_length("\u20ac!"), 3u);
  EXPECT_EQ(utf8_length("\xe2\x82"), 0u);
  EXPECT_EQ(utf8_length("\x80"), 0u);
}

}  // namespace
}  // namespace fb
