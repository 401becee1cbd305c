#include "tests/support/session_bench.h"

#include <gtest/gtest.h>
#include <initializer_list>

namespace fb {
namespace {

std::string command(std::initializer_list<std::string_view> words) {
  std::string out = "*" + std::to_string(words.size()) + "\r\n";
  for (std::string_view word : words)
    out += "$" + std::to_string(word.size()) + "\r\n" + std::string(word) + "\r\n";
  return out;
}

TEST(RedisProxyTest, AnErrorComesInItsPlace) {
  SessionBench bench("redis");
  bench.add_rule(error_rule({{"command", "set"}}, "READONLY"));
  bench.client(command({"GET", "a"}) + command({"SET", "a", "1"}) + command({"GET", "b"}));
  EXPECT_EQ(bench.up, command({"GET", "a"}) + command({"GET", "b"}));
  bench.server("$1\r\n");
  bench.server("x\r\n$-1\r\n");
  EXPECT_EQ(bench.down, "$1\r\nx\r\n-READONLY\r\n$-1\r\n");
}

TEST(RedisProxyTest, KeysAreFoundWhereTheCommandHasThem) {
  for (const auto& [words, hit] :
       {std::pair{command({"GET", "cart:1"}), true},
        {command({"GET", "x"}), false},
        {command({"EVAL", "return 1", "1", "cart:2"}), true},
        {command({"EVAL", "cart:0", "0"}), false},
        {command({"BITOP", "AND", "cart:d", "x"}), true},
        {command({"XREAD", "COUNT", "2", "STREAMS", "cart:s", "0"}), true},
        {command({"KEYS", "cart:*"}), false},
        {std::string("get cart:7\r\n"), true}}) {
    SessionBench bench("redis");
    bench.add_rule(error_rule({{"key", "cart:*"}}));
    bench.client(words);
    EXPECT_EQ(bench.rule().hits, hit ? 1u : 0u) << words;
  }
}

TEST(RedisProxyTest, AResponseIsABulkStringOrNilOfTheDialect) {
  SessionBench bench("redis");
  bench.add_rule(response_rule({{"key", "a"}}, "42"));
  bench.add_rule(response_rule({{"key", "b"}}, ""));
  bench.client(command({"GET", "a"}) + command({"GET", "b"}));
  EXPECT_EQ(bench.down, "$2\r\n42\r\n$-1\r\n");
  bench.down.clear();
  bench.client(command({"HELLO", "3"}));
  bench.server("%1\r\n$6\r\nserver\r\n$5\r\nredis\r\n");
  bench.down.clear();
  bench.client(command({"GET", "b"}));
  EXPECT_EQ(bench.down, "_\r\n");
}

TEST(RedisProxyTest, AnErrorInsideATransactionMakesExecFail) {
  SessionBench bench("redis");
  bench.add_rule(error_rule({{"key", "b"}}, "ERR disk full"));
  bench.client(command({"MULTI"}) + command({"SET", "a", "1"}) + command({"SET", "b", "2"}) +
               command({"EXEC"}) + command({"PING"}));
  EXPECT_EQ(bench.up, command({"MULTI"}) + command({"SET", "a", "1"}) + command({"DISCARD"}) +
                          command({"PING"}));
  bench.server("+OK\r\n+QUEUED\r\n+OK\r\n+PONG\r\n");
  EXPECT_EQ(bench.down,
            "+OK\r\n+QUEUED\r\n-ERR disk full\r\n"
            "-EXECABORT Transaction discarded because of previous errors.\r\n+PONG\r\n");
}

TEST(RedisProxyTest, MessagesOfSubscriptionsAreNoReplies) {
  SessionBench bench("redis");
  bench.add_rule(error_rule({{"command", "PING"}}, "ERR x"));
  bench.client(command({"SUBSCRIBE", "a", "b"}));
  const std::string confirmed =
      "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n";
  const std::string message = "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n";
  bench.server(confirmed + message);
  bench.client(command({"PING"}));
  EXPECT_EQ(bench.down, confirmed + message + "-ERR x\r\n");
}

TEST(RedisProxyTest, SwitchedOffRepliesHaveNoPlace) {
  SessionBench bench("redis");
  bench.add_rule(error_rule({{"key", "bad"}}, "ERR x"));
  bench.client(command({"CLIENT", "REPLY", "OFF"}) + command({"SET", "a", "1"}) +
               command({"SET", "bad", "1"}) + command({"CLIENT", "REPLY", "ON"}) +
               command({"GET", "bad"}));
  EXPECT_EQ(bench.down, "");
  bench.server("+OK\r\n");
  EXPECT_EQ(bench.down, "+OK\r\n-ERR x\r\n");
}

TEST(RedisProxyTest, TheSecondReplyOfADuplicateGoesNowhere) {
  SessionBench bench("redis");
  bench.add_rule(duplicate_rule({{"command", "INCR"}}));
  bench.client(command({"INCR", "n"}) + command({"GET", "n"}));
  EXPECT_EQ(bench.up, command({"INCR", "n"}) + command({"INCR", "n"}) + command({"GET", "n"}));
  bench.server(":1\r\n");
  EXPECT_EQ(bench.down, "");
  bench.server(":2\r\n$1\r\n2\r\n");
  EXPECT_EQ(bench.down, ":1\r\n$1\r\n2\r\n");
}

TEST(RedisProxyTest, OnlyRulesThatNameItReachTheHandshake) {
  SessionBench bench("redis");
  bench.add_rule(error_rule({{"command", "*"}}));
  bench.client(command({"HELLO", "3"}) + command({"CLIENT", "SETNAME", "x"}));
  EXPECT_EQ(bench.rule().hits, 0u);
  bench.add_rule(error_rule({{"command", "client"}}));
  bench.client(command({"CLIENT", "SETNAME", "x"}));
  EXPECT_EQ(bench.rule(1).hits, 1u);
}

TEST(RedisProxyTest, ALargeValueStreams) {
  SessionBench bench("redis");
  bench.add_rule(error_rule({{"key", "other"}}));
  bench.client("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1000000\r\n" + std::string(1000, 'x'));
  EXPECT_GT(bench.up.size(), 1000u);
  EXPECT_EQ(bench.held(), 0u);
}

}  // namespace
}  // namespace fb
