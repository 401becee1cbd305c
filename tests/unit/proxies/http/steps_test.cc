#include "proxies/http/steps/steps.h"

#include "tests/unit/proxies/catalog_fixture.h"

namespace fb::test {
namespace {

using std::chrono::seconds;

class HttpStepsTest : public CatalogTest {
 protected:
  static StepCall http(std::string method, std::string path, std::string headers_json = "{}") {
    return step("http", std::move(method),
                {{"path", "\"" + path + "\""}, {"headers", std::move(headers_json)}});
  }
  static StepCall with_body(StepCall call, std::string body_json) {
    call.arguments_json["body"] = std::move(body_json);
    return call;
  }
  StepResponse call(const StepCall& made) { return catalog.call(net, made); }
  StepResponse get(std::string path = "/x") { return call(http("get", std::move(path))); }

  void redirect(int status, const std::string& location) {
    answer("HTTP/1.1 " + std::to_string(status) + " Go\r\nLocation: " + location +
           "\r\nContent-Length: 0\r\n\r\n");
  }
  std::string request_line(size_t connection) const {
    return net.log[connection].written.substr(0, net.log[connection].written.find('\r'));
  }
  bool sent(size_t connection, std::string_view text) const {
    return net.log[connection].written.find(text) != std::string::npos;
  }
};

TEST_F(HttpStepsTest, GetsAResponse) {
  answer("HTTP/1.1 200 OK\r\nX-A: B\r\nContent-Length: 9\r\n\r\n {\"a\":1}\n");
  const StepResponse response = call(http("get", "/pay?x=1", "{\"X-Id\": \"7\", \"N\": 5}"));
  EXPECT_TRUE(response.ok);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{\"a\":1}");
  EXPECT_EQ(response.error, "");
  const std::vector<std::pair<std::string, std::string>> headers = {{"x-a", "B"},
                                                                    {"content-length", "9"}};
  EXPECT_EQ(response.headers, headers);
  ASSERT_EQ(net.log.size(), 1u);
  EXPECT_EQ(net.log[0].written,
            "GET /pay?x=1 HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: faultbox\r\n"
            "X-Id: 7\r\nN: 5\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(net.log[0].actor, ActorId::branch(ActorId::test(), 1));
  EXPECT_TRUE(net.log[0].closed);
}

TEST_F(HttpStepsTest, EveryMethodSendsItsVerb) {
  for (const auto& [method, line] : {std::pair{"get", "GET /x HTTP/1.1"},
                                     {"delete", "DELETE /x HTTP/1.1"},
                                     {"post", "POST /x HTTP/1.1"},
                                     {"put", "PUT /x HTTP/1.1"},
                                     {"patch", "PATCH /x HTTP/1.1"}}) {
    answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    EXPECT_TRUE(call(with_body(http(method, "/x"), "\"b\"")).ok);
    EXPECT_EQ(request_line(net.log.size() - 1), line);
  }
}

TEST_F(HttpStepsTest, OnlyMethodsWithABodySendOne) {
  for (const StepMethod& method : catalog.methods("http")) {
    answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    call(with_body(http(std::string(method.name), "/x"), "\"hello\""));
    const bool takes_one = method.name != "get" && method.name != "delete";
    EXPECT_EQ(sent(net.log.size() - 1, "Content-Length: 5\r\n"), takes_one) << method.name;
    EXPECT_EQ(net.log.back().written.ends_with("hello"), takes_one) << method.name;
    EXPECT_EQ(method.limit, seconds(30));
  }
}

TEST_F(HttpStepsTest, AnyStatusIsOk) {
  for (const int status : {200, 204, 304, 404, 500, 503, 599, 999}) {
    answer("HTTP/1.1 " + std::to_string(status) + " x\r\n\r\n");
    const StepResponse response = get();
    EXPECT_TRUE(response.ok) << status;
    EXPECT_EQ(response.status, status);
  }
}

TEST_F(HttpStepsTest, ATransportErrorHasStatusZero) {
  const auto expect_error = [this](std::string_view error) {
    const StepResponse response = get();
    EXPECT_FALSE(response.ok);
    EXPECT_EQ(response.status, 0);
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(response.error, "GET http://localhost:8080/x: " + std::string(error));
  };
  expect_error("dial 127.0.0.1:8080: connection refused");
  net.scripts.push_back({});
  expect_error("the connection was closed before an answer");
  net.scripts.push_back({.end = PeerScript::End::kReset});
  expect_error("read: connection reset by peer");
  answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
  expect_error("the connection was closed after 4 of 9 body bytes");
  answer("+PONG\r\n");
  expect_error("the answer is not HTTP/1: it begins with \"+PONG\"");
}

TEST_F(HttpStepsTest, ABadPathIsAnError) {
  EXPECT_EQ(get("x").error, "path \"x\" must begin with \"/\"");
  EXPECT_TRUE(net.log.empty());
}

TEST_F(HttpStepsTest, AnEarlyAnswerCountsMoreThanAFailedWrite) {
  net.scripts.push_back(
      {.reads = {"HTTP/1.1 413 Too Large\r\n\r\n"}, .write_fails = failed("write: broken pipe")});
  EXPECT_EQ(call(with_body(http("post", "/x"), "\"b\"")).status, 413);
  net.scripts.push_back({.write_fails = failed("write: broken pipe")});
  EXPECT_EQ(call(with_body(http("post", "/x"), "\"b\"")).error,
            "POST http://localhost:8080/x: write: broken pipe");
}

TEST_F(HttpStepsTest, DrainsALongBodyAndKeepsItsBeginning) {
  PeerScript script{.reads = {"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n"}};
  for (int i = 0; i < 20; ++i) script.reads.emplace_back(10'000, 'x');
  net.scripts.push_back(script);
  const StepResponse response = get();
  EXPECT_TRUE(response.ok);
  EXPECT_EQ(response.body, std::string(64 * 1024, 'x'));
}

TEST_F(HttpStepsTest, DoesNotWaitForTheEndOfTheStream) {
  net.scripts.push_back({.reads = {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
                         .end = PeerScript::End::kSilence});
  EXPECT_EQ(get().body, "ok");
  EXPECT_EQ(net.now, Instant{});
}

TEST_F(HttpStepsTest, ALimitCoversTheWholeStep) {
  net.scripts.push_back({.end = PeerScript::End::kSilence, .connect_takes = seconds(20)});
  EXPECT_EQ(get().error, "GET http://localhost:8080/x: no response after 30s");
  EXPECT_EQ(net.now, Instant{} + seconds(30));
}

TEST_F(HttpStepsTest, DribbledBytesDoNotStretchTheLimit) {
  PeerScript script{.reads = {"HTTP/1.1 200 OK\r\n\r\n"}, .read_takes = seconds(4)};
  script.reads.resize(50, "x");
  net.scripts.push_back(script);
  EXPECT_EQ(get().error, "GET http://localhost:8080/x: the response is not complete after 30s");
  EXPECT_EQ(net.now, Instant{} + seconds(30));
}

TEST_F(HttpStepsTest, AnEndlessFastBodyEndsAtTheLimit) {
  net.scripts.push_back({.reads = {"HTTP/1.1 200 OK\r\n\r\n"},
                         .read_takes = std::chrono::milliseconds(1),
                         .again = true});
  EXPECT_FALSE(get().ok);
  EXPECT_EQ(net.now, Instant{} + seconds(30));
}

TEST_F(HttpStepsTest, BytesThatAreAlwaysThereDoNotStretchTheLimit) {
  PeerScript script{
      .reads = {"HTTP/1.1 200 OK\r\n\r\n"}, .read_takes = seconds(7), .overruns = true};
  script.reads.resize(10, "x");
  net.scripts.push_back(script);
  EXPECT_EQ(get().error, "GET http://localhost:8080/x: the response is not complete after 30s");
  EXPECT_EQ(net.log[0].read_limits.size(), 5u);
}

TEST_F(HttpStepsTest, ATimeoutReplacesTheLimit) {
  StepCall made = http("get", "/x");
  made.timeout = seconds(2);
  net.scripts.push_back({.end = PeerScript::End::kSilence});
  EXPECT_EQ(call(made).error, "GET http://localhost:8080/x: no response after 2s");
}

TEST_F(HttpStepsTest, RedirectsShareTheLimit) {
  redirect(302, "/y");
  net.scripts.back().read_takes = seconds(12);
  net.scripts.push_back({.end = PeerScript::End::kSilence});
  EXPECT_EQ(get().error, "GET http://localhost:8080/y: no response after 30s");
  EXPECT_EQ(net.now, Instant{} + seconds(30));
}

TEST_F(HttpStepsTest, FollowsARelativeRedirectOnANewConnection) {
  redirect(302, "../b?c#d");
  answer("HTTP/1.1 200 OK\r\n\r\nthere");
  EXPECT_EQ(get("/a/x/y?q").body, "there");
  ASSERT_EQ(net.log.size(), 2u);
  EXPECT_EQ(request_line(1), "GET /a/b?c HTTP/1.1");
  EXPECT_TRUE(sent(1, "Host: localhost:8080\r\n"));
}

TEST_F(HttpStepsTest, FollowsAnAbsoluteRedirectToAnotherPort) {
  redirect(307, "http://localhost:9090/z");
  answer("HTTP/1.1 200 OK\r\n\r\nthere");
  EXPECT_EQ(call(http("get", "/x", "{\"Host\": \"shop\", \"Cookie\": \"c\"}")).body, "there");
  EXPECT_TRUE(sent(0, "Host: shop\r\n"));
  EXPECT_EQ(net.log[1].to, Address::loopback4(9090));
  EXPECT_TRUE(sent(1, "Host: localhost:9090\r\n"));
  EXPECT_TRUE(sent(1, "Cookie: c\r\n"));
}

TEST_F(HttpStepsTest, SecretsStayWithTheirHost) {
  redirect(302, "http://127.0.0.2:8080/z");
  answer("HTTP/1.1 200 OK\r\n\r\n");
  call(http("get", "/x", "{\"Authorization\": \"s\", \"cookie\": \"c\", \"X-A\": \"1\"}"));
  EXPECT_TRUE(sent(0, "Authorization: s\r\n"));
  EXPECT_FALSE(sent(1, "Authorization"));
  EXPECT_FALSE(sent(1, "cookie"));
  EXPECT_TRUE(sent(1, "X-A: 1\r\n"));
}

TEST_F(HttpStepsTest, SomeRedirectsTurnIntoGet) {
  for (const int status : {301, 302, 303, 307, 308}) {
    for (const std::string method : {"post", "put", "patch", "delete", "get"}) {
      net.log.clear();
      redirect(status, "/y");
      answer("HTTP/1.1 200 OK\r\n\r\n");
      call(with_body(http(method, "/x", "{\"Content-Type\": \"t\", \"X-A\": \"1\"}"), "\"hello\""));
      const bool repeats = status == 307 || status == 308;
      const std::string verb = request_line(0).substr(0, request_line(0).find(' '));
      EXPECT_EQ(request_line(1), (repeats ? verb : "GET") + " /y HTTP/1.1") << status << method;
      const bool has_body = repeats && sent(0, "hello");
      EXPECT_EQ(sent(1, "\r\n\r\nhello"), has_body) << status << method;
      EXPECT_EQ(sent(1, "Content-Length"), has_body) << status << method;
      EXPECT_EQ(sent(1, "Content-Type"), repeats) << status << method;
      EXPECT_TRUE(sent(1, "X-A: 1\r\n"));
    }
  }
}

TEST_F(HttpStepsTest, FollowsTenRedirects) {
  for (int i = 0; i < 10; ++i) redirect(302, "/" + std::to_string(i));
  answer("HTTP/1.1 200 OK\r\n\r\nthere");
  EXPECT_EQ(get().body, "there");
  EXPECT_EQ(net.log.size(), 11u);
}

TEST_F(HttpStepsTest, StopsAtTheEleventh) {
  for (int i = 0; i < 12; ++i) redirect(302, "/loop");
  const StepResponse response = get();
  EXPECT_EQ(response.error, "GET http://localhost:8080/loop: stopped after 10 redirects");
  EXPECT_EQ(response.status, 0);
  EXPECT_EQ(net.log.size(), 11u);
}

TEST_F(HttpStepsTest, ARedirectWithoutALocationIsAnAnswer) {
  answer("HTTP/1.1 302 Found\r\n\r\nhere");
  EXPECT_EQ(get().status, 302);
  answer("HTTP/1.1 300 Choices\r\nLocation: /y\r\n\r\nhere");
  EXPECT_EQ(get().status, 300);
}

TEST_F(HttpStepsTest, ARedirectItCannotFollowIsAnError) {
  redirect(301, "https://localhost/x");
  const StepResponse response = get();
  EXPECT_FALSE(response.ok);
  EXPECT_EQ(response.error,
            "GET http://localhost:8080/x: redirect: https:// is not supported yet "
            "(in \"https://localhost/x\")");
  redirect(301, "http://example.com/x");
  EXPECT_FALSE(get().ok);
}

TEST_F(HttpStepsTest, CutsNeverMatter) {
  for (const std::string bytes :
       {"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5\r\n\r\nhello and more",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nuntil close ",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", "nonsense\r\n"}) {
    answer(bytes);
    const StepResponse expected = get();
    for (auto& reads : cuts_of(bytes)) {
      net.scripts.push_back({.reads = reads});
      const StepResponse response = get();
      EXPECT_EQ(response.ok, expected.ok) << bytes;
      EXPECT_EQ(response.status, expected.status) << bytes;
      EXPECT_EQ(response.body, expected.body) << bytes;
      EXPECT_EQ(response.headers, expected.headers) << bytes;
      EXPECT_EQ(response.error, expected.error) << bytes;
    }
  }
}

class HttpProbeTest : public HttpStepsTest {
 protected:
  std::string ready(int status) {
    answer("HTTP/1.1 " + std::to_string(status) + " x\r\n\r\n");
    return text(catalog.probe(net, "http", Address::loopback4(8080), seconds(2)));
  }
  std::string url(std::string_view target) {
    return text(catalog.probe_http(net, target, seconds(2)));
  }
  static std::string text(const Status& status) {
    return status.ok() ? "ready" : status.error().message;
  }
};

TEST_F(HttpProbeTest, ReadyIsAnyStatusBelow500) {
  for (const int status : {200, 302, 404, 499}) EXPECT_EQ(ready(status), "ready");
  EXPECT_EQ(ready(500), "status 500");
  EXPECT_EQ(ready(503), "status 503");
  EXPECT_EQ(request_line(0), "GET / HTTP/1.1");
}

TEST_F(HttpProbeTest, HttpIsAStatusFrom200To399) {
  for (const int status : {200, 204, 302, 399}) {
    answer("HTTP/1.1 " + std::to_string(status) + " x\r\nLocation: /y\r\n\r\n");
    EXPECT_EQ(url("http://localhost:8080/health?x"), "ready");
  }
  EXPECT_EQ(net.log.size(), 4u);
  EXPECT_EQ(request_line(0), "GET /health?x HTTP/1.1");
  answer("HTTP/1.1 404 x\r\n\r\n");
  EXPECT_EQ(url("localhost:8080/health"), "status 404");
  answer("HTTP/1.1 199 x\r\n\r\n");
  EXPECT_NE(url("localhost:8080/health"), "ready");
}

TEST_F(HttpProbeTest, HttpsIsNotSupportedYet) {
  EXPECT_EQ(url("https://localhost/x"),
            "https:// is not supported yet (in \"https://localhost/x\")");
  EXPECT_TRUE(net.log.empty());
}

TEST_F(HttpProbeTest, TheHeadIsEnough) {
  net.scripts.push_back({.reads = {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nh"},
                         .end = PeerScript::End::kSilence});
  EXPECT_EQ(url("localhost:8080"), "ready");
  net.scripts.push_back({.reads = {"HTTP/1.1 200 OK\r\nContent-Le"}});
  EXPECT_EQ(url("localhost:8080"), "the connection was closed within the response head");
}

TEST_F(HttpProbeTest, SaysWhatWasMissing) {
  EXPECT_EQ(url("localhost:8080"), "dial 127.0.0.1:8080: connection refused");
  net.scripts.push_back({.end = PeerScript::End::kSilence});
  EXPECT_EQ(url("localhost:8080"), "no response after 2s");
}

}  // namespace
}  // namespace fb::test
