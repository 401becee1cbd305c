#include "tests/support/session_bench.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

constexpr std::string_view kGetA = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view kGetB = "GET /b HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST(HttpProxyTest, AnErrorComesInItsPlaceAndTheServerNeverSeesTheRequest) {
  SessionBench bench("http");
  ProtocolRule rule = error_rule({{"path", "/b"}}, "busy");
  rule.status = 503;
  bench.add_rule(rule);
  bench.client(std::string(kGetA) + std::string(kGetB) + std::string(kGetA));
  EXPECT_EQ(bench.up, std::string(kGetA) + std::string(kGetA));
  EXPECT_EQ(bench.down, "");
  bench.server(kOk);
  const std::string error =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
      "Content-Length: 17\r\n\r\n{\"error\": \"busy\"}";
  EXPECT_EQ(bench.down, std::string(kOk) + error);
  bench.server(kOk);
  EXPECT_EQ(bench.down, std::string(kOk) + error + std::string(kOk));
  EXPECT_FALSE(bench.ended);
}

TEST(HttpProxyTest, AResponseToHeadHasNoBody) {
  SessionBench bench("http");
  bench.add_rule(response_rule({}, "12345"));
  bench.client("HEAD / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(bench.down,
            "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\n"
            "Content-Length: 5\r\n\r\n");
}

TEST(HttpProxyTest, TheBodyOfAnAnsweredRequestGoesNowhereAndTheNextRequestIsRead) {
  SessionBench bench("http");
  bench.add_rule(response_rule({{"method", "post"}}, "x"));
  bench.client("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab");
  bench.client("c\r\n0\r\n\r\n");
  bench.client(kGetA);
  EXPECT_EQ(bench.up, kGetA);
}

TEST(HttpProxyTest, AnExpectationIsAnsweredByTheFinalStatusAloneAndTheConnectionEnds) {
  SessionBench bench("http");
  bench.add_rule(error_rule({}));
  bench.client("PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n");
  EXPECT_NE(bench.down.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(bench.ended, Ending::kClose);
}

TEST(HttpProxyTest, ADropIsAResetAfterTheEarlierResponses) {
  SessionBench bench("http");
  bench.add_rule(drop_rule({{"path", "/b*"}}));
  bench.client(std::string(kGetA) + std::string(kGetB));
  EXPECT_FALSE(bench.ended);
  bench.server(kOk);
  EXPECT_EQ(bench.ended, Ending::kReset);
  EXPECT_EQ(bench.down, kOk);
}

TEST(HttpProxyTest, ADelayedRequestHoldsWhatFollowsOnItsConnection) {
  SessionBench bench("http");
  bench.add_rule(delay_rule({{"path", "/b"}}));
  bench.client(std::string(kGetA) + std::string(kGetB) + std::string(kGetA));
  EXPECT_EQ(bench.up, kGetA);
  EXPECT_EQ(bench.held(), kGetB.size() + kGetA.size());
  bench.let_time_pass();
  EXPECT_EQ(bench.up, std::string(kGetA) + std::string(kGetB) + std::string(kGetA));
  EXPECT_EQ(bench.held(), 0u);
}

TEST(HttpProxyTest, ADuplicateIsSentTwiceAndItsFirstResponseReturnedWhenBothAreThere) {
  SessionBench bench("http");
  bench.add_rule(duplicate_rule());
  bench.client("POST /a HTTP/1.1\r\nConnection: close\r\nContent-Length: 1\r\n\r\nz");
  EXPECT_EQ(bench.up, "POST /a HTTP/1.1\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\nz");
  bench.up.clear();
  bench.server(kOk);
  EXPECT_EQ(bench.up, "POST /a HTTP/1.1\r\nConnection: close\r\nContent-Length: 1\r\n\r\nz");
  EXPECT_EQ(bench.down, "");
  bench.server("HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(bench.down, kOk);
}

TEST(HttpProxyTest, AServerThatClosesGetsTheDuplicateOnAnotherConnection) {
  SessionBench bench("http");
  bench.add_rule(duplicate_rule());
  bench.client("GET /a HTTP/1.1\r\n\r\n");
  const std::string response = "HTTP/1.0 200 OK\r\n\r\nuntil the end";
  bench.server(response);
  bench.server_end();
  EXPECT_EQ(bench.elsewhere, "GET /a HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(bench.down, "");
  bench.let_time_pass();
  EXPECT_EQ(bench.down, response);
  EXPECT_TRUE(bench.client_finished);
}

TEST(HttpProxyTest, HeadersAloneChangeTheRealResponse) {
  SessionBench bench("http");
  ProtocolRule rule = response_rule({});
  rule.headers = {{"server", std::nullopt}, {"X-New", "1"}};
  bench.add_rule(rule);
  bench.client(kGetA);
  EXPECT_EQ(bench.up, kGetA);
  bench.server("HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(bench.down, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-New: 1\r\n\r\nok");
}

TEST(HttpProxyTest, AnAmbiguousFramingPassesUnread) {
  for (const std::string_view request :
       {"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n"}) {
    SessionBench bench("http");
    bench.add_rule(drop_rule());
    bench.client(request);
    bench.client("GET / HTTP/1.1\r\n\r\n");
    EXPECT_EQ(bench.up, std::string(request) + "GET / HTTP/1.1\r\n\r\n");
    EXPECT_EQ(bench.lost.size(), 1u);
    EXPECT_FALSE(bench.ended);
  }
}

TEST(HttpProxyTest, TlsIsSeenAtItsFirstByte) {
  SessionBench bench("http");
  bench.client(std::string_view("\x16\x03\x01\x02\x00\x01", 6));
  EXPECT_TRUE(bench.lost_to_tls);
  EXPECT_EQ(bench.up.size(), 6u);
}

TEST(HttpProxyTest, PathsMatchDecodedAndWithoutQuery) {
  SessionBench bench("http");
  bench.add_rule(error_rule({{"path", "/a b/*"}}));
  bench.client("GET http://host/a%20b/c?x=/d HTTP/1.1\r\n\r\n");
  EXPECT_EQ(bench.rule().hits, 1u);
}

}  // namespace
}  // namespace fb
