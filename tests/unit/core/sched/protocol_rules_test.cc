#include "core/sched/protocol_rules.h"

#include "core/base/draw.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace fb {
namespace {

class ProtocolRulesTest : public testing::Test {
 protected:
  ProtocolRulesTest()
      : rules(topology, [](std::string_view service, std::string_view rule, uint64_t n) {
          return draw(7, "test_a", service, rule, n);
        }) {}

  static Topology make_topology() {
    Topology made;
    made.services = {{.name = "mq", .interfaces = {{.name = "main", .protocol = "nats"}}},
                     {.name = "shop"}};
    return made;
  }
  static ProtocolRule rule(ProtocolAction action, std::string pattern = "") {
    ProtocolRule made;
    made.action = action;
    if (!pattern.empty()) made.match = {{"topic", std::move(pattern)}};
    return made;
  }
  // The actions that fire for a message on the topic, from the service.
  std::string fired(std::string_view topic, ServiceId source = kTestDriver) {
    const MessageKey keys[] = {{"topic", topic}};
    std::string names;
    for (const ProtocolRuleState* state : rules.evaluate({.source = source, .keys = keys}))
      names += std::string(protocol_action_name(state->rule.action)) + " ";
    return names;
  }

  const Topology topology = make_topology();
  ProtocolRuleSets rules;
};

TEST_F(ProtocolRulesTest, DelaysGoOnToOneOtherAction) {
  rules.open(1, {},
             {rule(ProtocolAction::kDelay), rule(ProtocolAction::kDelay, "orders.*"),
              rule(ProtocolAction::kDrop, "orders.new"), rule(ProtocolAction::kError)},
             false);
  EXPECT_EQ(fired("orders.new"), "delay delay drop ");
  EXPECT_EQ(fired("orders.old"), "delay delay error ");
  EXPECT_EQ(fired("x"), "delay error ");
}

TEST_F(ProtocolRulesTest, TheNewestScopeComesFirstAndEndsAlone) {
  rules.open(1, {}, {rule(ProtocolAction::kDrop)}, true);
  rules.open(2, {}, {rule(ProtocolAction::kError)}, true);
  EXPECT_EQ(fired("x"), "error ");
  EXPECT_EQ(rules.stoppable_scopes({}), (std::vector<uint64_t>{2, 1}));
  rules.close(2);
  EXPECT_EQ(fired("x"), "drop ");
  rules.close(1);
  EXPECT_EQ(fired("x"), "");
  EXPECT_FALSE(rules.watches({}, kTestDriver));
}

TEST_F(ProtocolRulesTest, ARuleOfOneConsumerCountsItsMessagesOnly) {
  ProtocolRule limited = rule(ProtocolAction::kDrop);
  limited.source = "shop";
  limited.trigger = {Trigger::Kind::kNth, 2};
  rules.open(1, {}, {limited}, false);
  EXPECT_EQ(fired("x", ServiceId{1}), "");
  EXPECT_EQ(fired("x"), "");
  EXPECT_EQ(fired("x", ServiceId{1}), "drop ");
  EXPECT_EQ(rules.history().front().rules[0].matched, 2u);
}

// The last row of the table in spec §14.
TEST_F(ProtocolRulesTest, DrawsAreThoseOfTheSpec) {
  ProtocolRule drop = rule(ProtocolAction::kDrop, "orders.*");
  EXPECT_EQ(drop.text(), "drop(topic=orders.*)");
  drop.identity = fmt::format("1|main:{}|1", drop.text());
  drop.probability = 0.3;
  rules.open(1, {}, {drop}, false);
  // u = .277350 .203473 .345341
  EXPECT_EQ(fired("orders.a"), "drop ");
  EXPECT_EQ(fired("orders.a"), "drop ");
  EXPECT_EQ(fired("orders.a"), "");
}

TEST_F(ProtocolRulesTest, AHandshakeIsReachedByItsNameOnly) {
  rules.open(1, {}, {rule(ProtocolAction::kDrop, "*"), rule(ProtocolAction::kError, "connect")},
             false);
  const MessageKey keys[] = {{"topic", "CONNECT"}};
  const auto states = rules.evaluate({.keys = keys, .named_by = "topic"});
  ASSERT_EQ(states.size(), 1u);
  EXPECT_EQ(states[0]->rule.action, ProtocolAction::kError);
}

TEST(ProtocolRuleTest, ParametersAreSortedByName) {
  ProtocolRule rule;
  rule.action = ProtocolAction::kRespond;
  rule.match = {{"path", "/a*"}};
  rule.status = 503;
  rule.body = "x";
  rule.source = "shop";
  rule.trigger = {Trigger::Kind::kFirst, 2};
  EXPECT_EQ(rule.text(), "respond(body=x,path=/a*,source=shop,status=503,trigger=first=2)");
}

TEST(ProtocolRuleTest, PathsOfHttp) {
  for (const auto& [pattern, path, matches] :
       std::initializer_list<std::tuple<std::string_view, std::string_view, bool>>{
           {"/a", "/a", true},
           {"/a", "/A", false},
           {"/a*", "/a/b/c", true},
           {"*/c", "/a/b/c", true},
           {"/a/*/c", "/a/b/c", true},
           {"/a/*/c", "/a/b/x/c", false},
           {"/a/**/c", "/a/b/x/c", true},
           {"*b*", "/a/b/c", true},
           {"", "/x", true}})
    EXPECT_EQ(match_key("path", pattern, path), matches) << pattern << " " << path;
  EXPECT_TRUE(match_key("query", "SELECT * from T*", "select * FROM t where a = 1"));
}

TEST(ProtocolRuleTest, WhatAProtocolLacksIsNamed) {
  ProtocolRule rule;
  rule.match = {{"topc", "x"}};
  EXPECT_EQ(check_protocol_rule("kafka", rule).error().message,
            "drop(): kafka has no match key \"topc\" (did you mean \"topic\"?); it has command, "
            "topic");
  EXPECT_EQ(check_protocol_rule("tcp", rule).error().message,
            "drop(): tcp has no match keys, got topc=");
}

}  // namespace
}  // namespace fb
