#include "proxies/http/codec/request.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

HttpRequest request(std::string method) {
  return {.method = std::move(method), .target = "/pay?x=1", .host = "localhost:80"};
}

TEST(HttpRequestTest, WithoutBodyHasNoLength) {
  EXPECT_EQ(write_request(request("GET")).value(),
            "GET /pay?x=1 HTTP/1.1\r\nHost: localhost:80\r\nUser-Agent: faultbox\r\n"
            "Connection: close\r\n\r\n");
}

TEST(HttpRequestTest, SendsAnEmptyBodyAsSuch) {
  HttpRequest post = request("POST");
  post.body = "";
  EXPECT_EQ(write_request(post).value(),
            "POST /pay?x=1 HTTP/1.1\r\nHost: localhost:80\r\nUser-Agent: faultbox\r\n"
            "Content-Length: 0\r\nConnection: close\r\n\r\n");
}

TEST(HttpRequestTest, HeadersOfTheUserWinWhateverTheirCase) {
  HttpRequest post = request("POST");
  post.body = "abc";
  post.headers = {{"hOST", "shop"},
                  {"content-length", "2"},
                  {"Connection", "keep-alive"},
                  {"user-agent", "me"},
                  {"X-A", "\xc3\xa9\tb"}};
  EXPECT_EQ(write_request(post).value(),
            "POST /pay?x=1 HTTP/1.1\r\nhOST: shop\r\ncontent-length: 2\r\n"
            "Connection: keep-alive\r\nuser-agent: me\r\nX-A: \xc3\xa9\tb\r\n\r\nabc");
}

TEST(HttpRequestTest, ATransferEncodingOfTheUserReplacesTheLength) {
  HttpRequest put = request("PUT");
  put.body = "0\r\n\r\n";
  put.headers = {{"Transfer-Encoding", "chunked"}};
  EXPECT_EQ(write_request(put).value().find("Content-Length"), std::string::npos);
}

TEST(HttpRequestTest, NothingLeavesItsHeaderLine) {
  HttpRequest get = request("GET");
  get.headers = {{"X", "a\r\nY: b"}};
  EXPECT_EQ(write_request(get).error().message,
            "header X has a control character in its value \"a\\r\\nY: b\"");
  get.headers = {{"X: a\r\nY", "b"}};
  EXPECT_EQ(write_request(get).error().message, "header name \"X: a\\r\\nY\" is invalid");
  get.headers = {{"", "b"}};
  EXPECT_EQ(write_request(get).error().message, "header name \"\" is invalid");
}

}  // namespace
}  // namespace fb
