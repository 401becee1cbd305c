#include "core/trace/decoder.h"

#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>
#include <set>

namespace fb {
namespace {

using Fields = Decoder::Fields;
using Kind = DecoderSpec::Kind;

Decoder decoder(Kind kind, std::string pattern = "") {
  return Decoder::make({kind, std::move(pattern)}).value();
}
Fields raw(std::string_view line) {
  return {{"raw", std::string(line)}};
}

TEST(DecoderTest, WithoutOneALineIsRaw) {
  EXPECT_EQ(decoder(Kind::kNone).decode("{\"a\":1}"), raw("{\"a\":1}"));
  EXPECT_EQ(decoder(Kind::kNone).decode(""), raw(""));
}

TEST(DecoderTest, JsonKeysBecomeStrings) {
  const std::string line = R"({"level":"info","n":3,"x":1.5,"ok":true,"none":null,"in":{"a":[1]}})";
  EXPECT_EQ(decoder(Kind::kJson).decode(line), (Fields{{"level", "info"},
                                                       {"n", "3"},
                                                       {"x", "1.5"},
                                                       {"ok", "true"},
                                                       {"none", "null"},
                                                       {"in", R"({"a":[1]})"},
                                                       {"data", line}}));
}

TEST(DecoderTest, JsonFieldDataIsTheLineWhateverTheKeys) {
  const std::string line = R"({"data":"mine"})";
  EXPECT_EQ(decoder(Kind::kJson).decode(line), (Fields{{"data", line}}));
}

TEST(DecoderTest, WhatIsNoObjectIsRaw) {
  for (const char* line : {"", "plain", "[1]", "3", "{\"a\":", "{\"a\":\"\xff\"}", "{} {}"})
    EXPECT_EQ(decoder(Kind::kJson).decode(line), raw(line)) << line;
}

TEST(DecoderTest, JsonThatIsNestedTooDeepIsRaw) {
  const std::string line = "{\"a\":" + std::string(30'000, '[') + std::string(30'000, ']') + "}";
  EXPECT_EQ(decoder(Kind::kJson).decode(line), raw(line));
}

TEST(DecoderTest, LogfmtPairs) {
  EXPECT_EQ(decoder(Kind::kLogfmt).decode(R"(level=info  msg="a \"b\"\tc" empty= n=1 debug)"),
            (Fields{{"level", "info"},
                    {"msg", "a \"b\"\tc"},
                    {"empty", ""},
                    {"n", "1"},
                    {"debug", "true"},
                    {"data",
                     R"({"level":"info","msg":"a \"b\"\tc","empty":"","n":"1","debug":"true"})"}}));
}

TEST(DecoderTest, LogfmtEscapesOfCharacters) {
  EXPECT_EQ(decoder(Kind::kLogfmt).decode(R"(a="\u00e9\ud83d\ude00\\u")").at(0).second,
            "\u00e9\U0001F600\\u");
  EXPECT_EQ(decoder(Kind::kLogfmt).decode(R"(a="\u00e9\u0041")").at(0).second, "\u00e9A");
}

TEST(DecoderTest, LogfmtLastOfEqualKeysWins) {
  EXPECT_EQ(decoder(Kind::kLogfmt).decode("a=1 b=2 a=3"),
            (Fields{{"a", "3"}, {"b", "2"}, {"data", R"({"a":"3","b":"2"})"}}));
}

TEST(DecoderTest, WhatIsNoLogfmtIsRaw) {
  for (const char* line : {"", "server started on port 80", "=x", "a=\"open", "a=\"b\"c d=1",
                           "a\"b=1", "a=\"\\", "a=\"\\u12\"", "a=\"\\ud83d\""})
    EXPECT_EQ(decoder(Kind::kLogfmt).decode(line), raw(line)) << line;
}

TEST(DecoderTest, RegexGroups) {
  const Decoder regex =
      decoder(Kind::kRegex, R"((?P<code>\d{3}) (?:(?P<fast>fast)|(?P<slow>slow)))");
  EXPECT_EQ(regex.decode("answer 503 slow, sorry"),
            (Fields{{"code", "503"},
                    {"slow", "slow"},
                    {"data", R"({"code":"503","fast":null,"slow":"slow"})"}}));
  EXPECT_EQ(regex.decode("answer 5 slow"), raw("answer 5 slow"));
}

TEST(DecoderTest, PatternsThatCannotWorkAreErrors) {
  EXPECT_EQ(Decoder::make({Kind::kRegex, "("}).error().message, "bad pattern \"(\": missing ): (");
  EXPECT_EQ(Decoder::make({Kind::kRegex, "(a)"}).error().message,
            "the pattern \"(a)\" names no group: write (?P<name>…)");
}

TEST(DecoderTest, KnowsWhichFieldsCanCome) {
  EXPECT_TRUE(decoder(Kind::kJson).may_yield("anything"));
  EXPECT_TRUE(decoder(Kind::kLogfmt).may_yield("anything"));
  EXPECT_FALSE(decoder(Kind::kNone).may_yield("anything"));
  EXPECT_TRUE(decoder(Kind::kNone).may_yield("raw"));
  const Decoder regex = decoder(Kind::kRegex, "(?P<code>x)");
  EXPECT_TRUE(regex.may_yield("code"));
  EXPECT_TRUE(regex.may_yield("data"));
  EXPECT_FALSE(regex.may_yield("other"));
}

RC_GTEST_PROP(DecoderProperty, AnyLineGivesFieldsOfDifferentNamesThatTheDecoderMayYield, ()) {
  const std::string alphabet = "ab=\" \\u0{}[]:,1\xff\n";
  const auto line = *rc::gen::container<std::string>(rc::gen::elementOf(alphabet));
  const Decoder tried =
      *rc::gen::element(decoder(Kind::kNone), decoder(Kind::kJson), decoder(Kind::kLogfmt),
                        decoder(Kind::kRegex, "(?P<a>a)|(?P<data>b)"));
  const Fields fields = tried.decode(line);
  std::set<std::string> names;
  for (const auto& [name, value] : fields) {
    RC_ASSERT(names.insert(name).second);
    RC_ASSERT(tried.may_yield(name));
  }
  RC_ASSERT(names.contains("raw") != names.contains("data") || names.size() > 1);
  if (names.contains("data"))
    RC_ASSERT(!nlohmann::json::parse(fields.back().second, nullptr, false).is_discarded());
}

RC_GTEST_PROP(DecoderProperty, WhatIsWrittenAsLogfmtIsReadBack, ()) {
  const auto drawn = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::pair<char, std::string>>>(rc::gen::pair(
          rc::gen::elementOf(std::string("klmnop")),
          rc::gen::container<std::string>(rc::gen::elementOf(std::string("x =\"\\\t"))))));
  const std::map<char, std::string> pairs(drawn.begin(), drawn.end());
  std::string line;
  for (const auto& [key, value] : pairs) {
    line += std::string(1, key) + "=\"";
    for (const char c : value)
      line += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    line += "\" ";
  }
  const Fields fields = decoder(Kind::kLogfmt).decode(line);
  RC_ASSERT(fields.size() == pairs.size() + 1);
  size_t i = 0;
  for (const auto& [key, value] : pairs) {
    RC_ASSERT(fields[i].first == std::string(1, key));
    RC_ASSERT(fields[i++].second == value);
  }
}

}  // namespace
}  // namespace fb
