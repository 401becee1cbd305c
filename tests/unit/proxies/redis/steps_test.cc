#include "proxies/redis/steps/steps.h"

#include "tests/unit/proxies/catalog_fixture.h"

namespace fb::test {
namespace {

using std::chrono::seconds;

class RedisStepsTest : public CatalogTest {
 protected:
  StepResponse call(std::string method, std::map<std::string, std::string> arguments_json) {
    return catalog.call(net, step("redis", std::move(method), std::move(arguments_json)));
  }
  Status probe() { return catalog.probe(net, "redis", Address::loopback4(8080), seconds(2)); }
  const std::string& sent() { return net.log.back().written; }
};

TEST_F(RedisStepsTest, SetSendsOneCommandAndClosesTheConnection) {
  answer("+OK\r\n");
  const StepResponse response = call("set", {{"key", "\"a\""}, {"value", "\"v 0\""}});
  EXPECT_TRUE(response.ok) << response.error;
  EXPECT_EQ(response.data_json, R"({"value":"OK"})");
  EXPECT_EQ(response.body, "OK");
  EXPECT_EQ(sent(), "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$3\r\nv 0\r\n");
  EXPECT_TRUE(net.log[0].closed);
}

TEST_F(RedisStepsTest, RepliesBecomeTheValueByMeaning) {
  answer("$2\r\nv1\r\n");
  EXPECT_EQ(call("get", {{"key", "\"a\""}}).data_json, R"({"value":"v1"})");
  answer("$-1\r\n");
  EXPECT_EQ(call("get", {{"key", "\"a\""}}).data_json, R"({"value":null})");
  answer(":3\r\n");
  EXPECT_EQ(call("incr", {{"key", "\"a\""}}).data_json, R"({"value":3})");
  answer("*2\r\n$1\r\nx\r\n$1\r\ny\r\n");
  EXPECT_EQ(call("lrange", {{"key", "\"a\""}, {"start", "0"}, {"stop", "-1"}}).data_json,
            R"({"value":["x","y"]})");
  EXPECT_EQ(sent(), "*4\r\n$6\r\nLRANGE\r\n$1\r\na\r\n$1\r\n0\r\n$2\r\n-1\r\n");
  answer("%1\r\n+a\r\n,0.5\r\n");
  EXPECT_EQ(call("command", {{"cmd", "\"X\""}, {"args", "[]"}}).data_json,
            R"({"value":{"a":0.5}})");
  answer("$1\r\n\xff\r\n");
  EXPECT_EQ(call("get", {{"key", "\"a\""}}).data_json, "{\"value\":\"\xef\xbf\xbd\"}");
}

TEST_F(RedisStepsTest, DeleteIsTheUsableNameOfDel) {
  answer(":1\r\n");
  call("delete", {{"key", "\"a\""}});
  EXPECT_EQ(sent(), "*2\r\n$3\r\nDEL\r\n$1\r\na\r\n");
}

TEST_F(RedisStepsTest, CommandTakesAListOrOneWord) {
  answer("+OK\r\n");
  call("command", {{"cmd", "\"SET\""}, {"args", R"(["k", 1])"}});
  EXPECT_EQ(sent(), "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\n1\r\n");
  answer("+x\r\n");
  call("command", {{"cmd", "\"ECHO\""}, {"args", "\"x\""}});
  EXPECT_EQ(sent(), "*2\r\n$4\r\nECHO\r\n$1\r\nx\r\n");
  EXPECT_EQ(call("command", {{"cmd", "\"ECHO\""}, {"args", "[{}]"}}).error,
            "command(): args= has \"{}\", which is not a str");
}

TEST_F(RedisStepsTest, AnErrorReplyIsNotOk) {
  answer("-MISCONF Errors writing to the AOF file\r\n");
  const StepResponse response = call("set", {{"key", "\"a\""}, {"value", "\"v\""}});
  EXPECT_FALSE(response.ok);
  EXPECT_EQ(response.error, "MISCONF Errors writing to the AOF file");
  EXPECT_EQ(response.data_json, R"({"value":null})");
}

TEST_F(RedisStepsTest, AClosedOrSilentServerIsNotOk) {
  answer("$5\r\nhal");
  EXPECT_EQ(call("ping", {}).error,
            "PING: the connection was closed before the reply was complete");
  net.scripts.push_back({.end = PeerScript::End::kSilence});
  EXPECT_EQ(call("ping", {}).error, "PING: no reply after 10s");
  answer("HTTP/1.1 400 Bad Request\r\n");
  EXPECT_EQ(call("ping", {}).error, "PING: not a reply of Redis: \"HTTP/1.1 400 Bad Request\"");
}

TEST_F(RedisStepsTest, IsReadyWhenPingIsAnswered) {
  answer("+PONG\r\n");
  EXPECT_TRUE(probe().ok());
  answer("-NOAUTH Authentication required.\r\n");
  EXPECT_TRUE(probe().ok());
  answer("-LOADING Redis is loading the dataset in memory\r\n");
  EXPECT_FALSE(probe().ok());
}

}  // namespace
}  // namespace fb::test
