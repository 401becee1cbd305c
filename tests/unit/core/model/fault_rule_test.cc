#include "core/model/fault_rule.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace fb {
namespace {

using namespace std::chrono_literals;

std::string fires_at(std::string_view text) {
  std::string out;
  for (uint64_t count = 1; count <= 6; ++count) {
    out += parse_trigger(text)->fires(count) ? '1' : '0';
  }
  return out;
}

TEST(TriggerTest, FiresByCount) {
  EXPECT_EQ(fires_at("after=0"), "111111");
  EXPECT_EQ(fires_at("after=2"), "001111");
  EXPECT_EQ(fires_at("nth=3"), "001000");
  EXPECT_EQ(fires_at("every=2"), "010101");
  EXPECT_EQ(fires_at("first=2"), "110000");
  EXPECT_TRUE(Trigger{}.fires(1));
}

TEST(TriggerTest, IsReadBack) {
  for (std::string_view text : {"after=0", "nth=1", "every=7", "first=18446744073709551615"}) {
    EXPECT_EQ(parse_trigger(text)->text(), text);
  }
  EXPECT_EQ(Trigger{}.text(), "");
}

TEST(TriggerTest, RefusesTheRest) {
  for (std::string_view text :
       {"", "after", "after=", "nth=0", "every=0", "first=0", "after=-1", "after=+1", "after=1x",
        "after= 1", "last=1", "after=1.5", "nth=18446744073709551616"}) {
    EXPECT_FALSE(parse_trigger(text)) << text;
  }
  EXPECT_EQ(parse_trigger("nth=0").error().message, "bad trigger \"nth=0\": N begins at 1 here");
}

TEST(ProbabilityTest, ReadsPercentAndNumbers) {
  for (const auto& [text, expected] : std::vector<std::pair<std::string, double>>{
           {"30%", 0.3},
           {"1%", 0.01},
           {"0.5%", 0.005},
           {"0.5", 0.5},
           {"1", 1.0},
           {"0", 0.0},
           {"0%", 0.0},
           {"100%", 1.0},
           {"1e-3", 0.001},
       }) {
    const Result<double> value = parse_probability(text);
    ASSERT_TRUE(value) << text;
    EXPECT_DOUBLE_EQ(*value, expected) << text;
  }
}

TEST(ProbabilityTest, RefusesTheRest) {
  for (std::string_view text : {"", "%", "-1", "-0.1%", "101%", "1.1", "half", "nan", "inf", "30 %",
                                " 30%", "3O%", "0x1", "1e999", "30%%"}) {
    EXPECT_FALSE(parse_probability(text)) << text;
  }
  EXPECT_EQ(parse_probability("30").error().message,
            "bad probability \"30\": a number is from 0 to 1 (did you mean \"30%\"?)");
}

TEST(ProbabilityTest, IsWrittenInPercent) {
  EXPECT_EQ(format_probability(0.3), "30%");
  EXPECT_EQ(format_probability(0.07), "7%");
  EXPECT_EQ(format_probability(0.005), "0.5%");
  EXPECT_EQ(format_probability(1), "100%");
  EXPECT_EQ(format_probability(0), "0%");
}

RC_GTEST_PROP(ProbabilityTest, KeepsHundredthsOfAPercent, ()) {
  const int hundredths = *rc::gen::inRange(0, 10'001);
  const std::string text = std::to_string(hundredths) + "e-2%";
  const double value = *parse_probability(text);
  RC_ASSERT(*parse_probability(format_probability(value)) == value);
}

TEST(DestinationTest, MatchesEveryFormOfLoopback) {
  const Destination any = *parse_destination("localhost:*");
  for (std::string_view peer :
       {"127.0.0.1:80", "127.9.9.9:81", "[::1]:80", "[::ffff:127.0.0.1]:80"}) {
    EXPECT_TRUE(any.matches(*parse_address(peer))) << peer;
  }
  EXPECT_FALSE(any.matches(*parse_address("10.0.0.1:80")));
  EXPECT_FALSE(any.matches(*parse_address("unix:/run/x")));
}

TEST(DestinationTest, ComparesHostAndPort) {
  const Destination one = *parse_destination("10.0.0.1:80");
  EXPECT_TRUE(one.matches(*parse_address("10.0.0.1:80")));
  EXPECT_TRUE(one.matches(*parse_address("[::ffff:10.0.0.1]:80")));
  EXPECT_FALSE(one.matches(*parse_address("10.0.0.1:81")));
  EXPECT_FALSE(one.matches(*parse_address("10.0.0.2:80")));
  EXPECT_EQ(one.text, "10.0.0.1:80");
  EXPECT_TRUE(parse_destination("[::1]:*")->matches(*parse_address("[::1]:9")));
  EXPECT_EQ(parse_destination("db:80").error().code, Code::kNotFound);
  EXPECT_EQ(parse_destination("10.0.0.1").error().code, Code::kInvalid);
  EXPECT_FALSE(Destination{}.matches(*parse_address("10.0.0.1:80")));
}

FaultRule rule_on(std::string key, FaultAction action) {
  FaultRule rule;
  rule.filter = expand_family(key);
  for (SyscallId id : rule.filter) rule.calls.insert(id);
  rule.key = std::move(key);
  rule.action = std::move(action);
  return rule;
}

TEST(FaultRuleTest, WritesItsActionAndConditions) {
  FaultRule rule = rule_on("fsync", DenyAction{5, "EIO"});
  EXPECT_EQ(rule.text(), "deny(EIO)");
  EXPECT_EQ(rule.applied_text(), "deny(EIO) → filter:[fsync,fdatasync]");

  rule.path = *PathPattern::parse("*.wal");
  rule.destination = *parse_destination("10.0.0.1:80");
  rule.probability = 0.3;
  rule.trigger = *parse_trigger("after=2");
  rule.label = "w\"al";
  // Label and probability are no part of a rule's identity; the two texts differ in order.
  EXPECT_EQ(rule.text(), "deny(EIO) destination=10.0.0.1:80 path=*.wal trigger=after=2");
  EXPECT_EQ(rule.applied_text(),
            "deny(EIO) → filter:[fsync,fdatasync] path=*.wal destination=10.0.0.1:80 "
            "probability=30% trigger=after=2 label=\"w\\\"al\"");
}

TEST(FaultRuleTest, WritesOneFieldOfAnOp) {
  FaultRule rule = rule_on("write", DelayAction{500ms});
  rule.op = "commit";
  EXPECT_EQ(rule.applied_text(expand_family("fsync")), "delay(500ms) → filter:[fsync,fdatasync]");
}

TEST(ActionTextTest, IsCanonical) {
  EXPECT_EQ(action_text(DenyAction{111, "ECONNREFUSED"}), "deny(ECONNREFUSED)");
  EXPECT_EQ(action_text(DelayAction{90s}), "delay(1m30s)");
  EXPECT_EQ(action_text(AllowAction{}), "allow()");
  EXPECT_EQ(action_text(HoldAction{"gate"}), "hold(gate)");
}

}  // namespace
}  // namespace fb
