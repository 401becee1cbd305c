#include "tests/support/session_bench.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

ProtocolRule rule_of(ProtocolAction action, uint64_t amount,
                     FlowDirection direction = FlowDirection::kBoth) {
  ProtocolRule rule;
  rule.action = action;
  rule.amount = amount;
  rule.direction = direction;
  return rule;
}

TEST(TcpProxyTest, AnsweredLinesDoNotReachTheServer) {
  SessionBench bench("tcp");
  ProtocolRule rule = response_rule({}, "no");
  rule.trigger = {Trigger::Kind::kNth, 2};
  bench.add_rule(rule);
  bench.client("one\ntw");
  bench.client("o\nthree\n");
  EXPECT_EQ(bench.up, "one\nthree\n");
  EXPECT_EQ(bench.down, "no\n");
}

TEST(TcpProxyTest, CorruptChangesBytesOfItsDirection) {
  SessionBench bench("tcp");
  bench.add_rule(rule_of(ProtocolAction::kCorrupt, 1, FlowDirection::kDown));
  bench.client("abcd");
  bench.server("abcd");
  EXPECT_EQ(bench.up, "abcd");
  EXPECT_EQ(bench.down, std::string("ab") + static_cast<char>(~'c') + "d");
}

TEST(TcpProxyTest, TruncateLetsSoManyBytesThrough) {
  SessionBench bench("tcp");
  bench.add_rule(rule_of(ProtocolAction::kTruncate, 6, FlowDirection::kDown));
  bench.client("a long request\n");
  bench.server("abcd");
  EXPECT_FALSE(bench.ended);
  bench.server("efgh");
  EXPECT_EQ(bench.down, "abcdef");
  EXPECT_EQ(bench.ended, Ending::kClose);
}

TEST(TcpProxyTest, ConnectionsAreCountedOnceEach) {
  SessionBench bench("tcp");
  ProtocolRule rule = drop_rule();
  rule.trigger = {Trigger::Kind::kNth, 2};
  bench.add_rule(rule);
  bench.client("a\n");
  bench.client("b\n");
  EXPECT_FALSE(bench.ended);
  EXPECT_EQ(bench.rule().matched, 1u);
}

TEST(TcpProxyTest, ABandwidthSendsPieceByPiece) {
  SessionBench bench("tcp");
  bench.add_rule(rule_of(ProtocolAction::kBandwidth, 1000));  // ten bytes in ten milliseconds
  bench.client(std::string(25, 'x'));
  EXPECT_EQ(bench.up.size(), 10u);
  EXPECT_EQ(bench.held(), 15u);
  bench.let_time_pass();
  EXPECT_EQ(bench.up.size(), 25u);
}

TEST(TcpProxyTest, ADelayedChunkKeepsItsPlace) {
  SessionBench bench("tcp");
  bench.add_rule(delay_rule());
  bench.client("a");
  bench.client("b");
  bench.client_end();
  EXPECT_EQ(bench.up, "");
  EXPECT_FALSE(bench.server_finished);
  bench.let_time_pass();
  EXPECT_EQ(bench.up, "ab");
  EXPECT_TRUE(bench.server_finished);
}

}  // namespace
}  // namespace fb
