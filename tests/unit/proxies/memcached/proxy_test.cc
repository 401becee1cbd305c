#include "tests/support/session_bench.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

ProtocolRule value_rule(std::vector<std::pair<std::string, std::string>> match,
                        std::string_view value) {
  ProtocolRule rule = response_rule(std::move(match), std::string(value));
  rule.body_is_value = true;
  return rule;
}

TEST(MemcachedProxyTest, AnErrorComesInItsPlaceAndItsDataGoesNowhere) {
  SessionBench bench("memcached");
  bench.add_rule(error_rule({{"command", "set"}, {"key", "b*"}}, "SERVER_ERROR full"));
  bench.client("get a\r\nset bb 0 0 3\r\nxyz\r\nget c\r\n");
  EXPECT_EQ(bench.up, "get a\r\nget c\r\n");
  bench.server("VALUE a 0 1\r\n1\r\nEND\r\n");
  EXPECT_EQ(bench.down, "VALUE a 0 1\r\n1\r\nEND\r\nSERVER_ERROR full\r\n");
}

TEST(MemcachedProxyTest, AValueIsAHitInEveryDialect) {
  SessionBench text("memcached");
  text.add_rule(value_rule({}, "42"));
  text.client("get a\r\ngets a\r\nmg a v k O7\r\nmg a\r\n");
  EXPECT_EQ(text.down,
            "VALUE a 0 2\r\n42\r\nEND\r\nVALUE a 0 2 1\r\n42\r\nEND\r\n"
            "VA 2 ka O7\r\n42\r\nHD\r\n");
  SessionBench binary("memcached");
  binary.add_rule(value_rule({}, "42"));
  std::string get("\x80\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01oooo", 16);
  get += std::string(8, '\0') + "a";
  binary.client(get);
  ASSERT_EQ(binary.down.size(), 24u + 4 + 2);
  EXPECT_TRUE(binary.down.ends_with("42"));
  EXPECT_EQ(binary.down.substr(12, 4), "oooo");
}

TEST(MemcachedProxyTest, NoreplyHasNoPlace) {
  SessionBench bench("memcached");
  bench.add_rule(error_rule({{"key", "a"}}));
  bench.client("set a 0 0 1 noreply\r\nx\r\nget a\r\n");
  EXPECT_EQ(bench.up, "");
  EXPECT_EQ(bench.down, "SERVER_ERROR injected fault\r\n");
}

TEST(MemcachedProxyTest, AfterQuietCommandsASignKeepsThePlace) {
  SessionBench bench("memcached");
  bench.add_rule(error_rule({{"key", "b"}}, "SERVER_ERROR x"));
  bench.client("mg a v q\r\nmg b v\r\nget c\r\n");
  EXPECT_EQ(bench.up, "mg a v q\r\nmn\r\nget c\r\n");
  bench.server("VA 1\r\n1\r\n");
  EXPECT_EQ(bench.down, "VA 1\r\n1\r\n");
  bench.server("MN\r\nEND\r\n");
  EXPECT_EQ(bench.down, "VA 1\r\n1\r\nSERVER_ERROR x\r\nEND\r\n");
}

TEST(MemcachedProxyTest, TheSecondReplyOfADuplicateGoesNowhere) {
  SessionBench bench("memcached");
  bench.add_rule(duplicate_rule({{"command", "incr"}}));
  bench.client("incr n 1\r\n");
  EXPECT_EQ(bench.up, "incr n 1\r\nincr n 1\r\n");
  bench.server("2\r\n3\r\n");
  EXPECT_EQ(bench.down, "2\r\n");
}

}  // namespace
}  // namespace fb
