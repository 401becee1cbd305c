#include "proxies/http/codec/url.h"

#include "proxies/http/codec/syntax.h"

#include <gtest/gtest.h>
#include <string>
#include <string_view>

namespace fb {
namespace {

std::string parsed(std::string_view text) {
  const Result<HttpUrl> url = parse_http_url(text);
  return url.ok() ? url->to.text() + " " + url->text() : "error: " + url.error().message;
}

std::string resolved(std::string_view reference) {
  const HttpUrl base = parse_http_url("http://localhost:80/b/c/d;p?q").value();
  const Result<HttpUrl> url = resolve_reference(base, reference);
  return url.ok() ? url->text() : "error: " + url.error().message;
}

TEST(HttpUrlTest, AssumesSchemePortAndPath) {
  EXPECT_EQ(parsed("localhost:8080/health"), "127.0.0.1:8080 http://localhost:8080/health");
  EXPECT_EQ(parsed("HTTP://127.0.0.2/a?b#c"), "127.0.0.2:80 http://127.0.0.2/a?b");
  EXPECT_EQ(parsed("http://localhost:81"), "127.0.0.1:81 http://localhost:81/");
  EXPECT_EQ(parsed("http://localhost:81?x=/y"), "127.0.0.1:81 http://localhost:81/?x=/y");
  EXPECT_EQ(parsed("[::1]:82/x"), "[::1]:82 http://[::1]:82/x");
  EXPECT_EQ(parsed("http://[::1]/x"), "[::1]:80 http://[::1]/x");
}

TEST(HttpUrlTest, RefusesWhatItCannotReach) {
  EXPECT_EQ(parsed("https://localhost/x"),
            "error: https:// is not supported yet (in \"https://localhost/x\")");
  EXPECT_EQ(parsed("ftp://localhost/x"),
            "error: ftp: is not a scheme of http (in \"ftp://localhost/x\")");
  EXPECT_EQ(parsed("http://me:pw@localhost/"),
            "error: a user name in a URL is not supported (in \"http://me:pw@localhost/\")");
  EXPECT_EQ(parsed("http:///x"), "error: no host in \"http:///x\"");
  EXPECT_TRUE(parsed("http://example.com/x").starts_with("error: ")) << parsed("example.com");
  EXPECT_TRUE(parsed("http://localhost:0/x").starts_with("error: "));
  EXPECT_TRUE(parsed("http://localhost:/x").starts_with("error: "));
}

// RFC 3986 §5.4.
TEST(HttpUrlTest, ResolvesReferences) {
  const std::string root = "http://localhost:80";
  EXPECT_EQ(resolved("g"), root + "/b/c/g");
  EXPECT_EQ(resolved("./g"), root + "/b/c/g");
  EXPECT_EQ(resolved("g/"), root + "/b/c/g/");
  EXPECT_EQ(resolved("/g"), root + "/g");
  EXPECT_EQ(resolved("//127.0.0.1/g"), "http://127.0.0.1/g");
  EXPECT_EQ(resolved("?y"), root + "/b/c/d;p?y");
  EXPECT_EQ(resolved("g?y"), root + "/b/c/g?y");
  EXPECT_EQ(resolved("#s"), root + "/b/c/d;p?q");
  EXPECT_EQ(resolved("g#s"), root + "/b/c/g");
  EXPECT_EQ(resolved("g?y#s"), root + "/b/c/g?y");
  EXPECT_EQ(resolved(";x"), root + "/b/c/;x");
  EXPECT_EQ(resolved(""), root + "/b/c/d;p?q");
  EXPECT_EQ(resolved("."), root + "/b/c/");
  EXPECT_EQ(resolved("./"), root + "/b/c/");
  EXPECT_EQ(resolved(".."), root + "/b/");
  EXPECT_EQ(resolved("../"), root + "/b/");
  EXPECT_EQ(resolved("../g"), root + "/b/g");
  EXPECT_EQ(resolved("../.."), root + "/");
  EXPECT_EQ(resolved("../../g"), root + "/g");
  EXPECT_EQ(resolved("../../../../g"), root + "/g");
  EXPECT_EQ(resolved("/./g"), root + "/g");
  EXPECT_EQ(resolved("/../g"), root + "/g");
  EXPECT_EQ(resolved("g."), root + "/b/c/g.");
  EXPECT_EQ(resolved("..g"), root + "/b/c/..g");
  EXPECT_EQ(resolved("./../g"), root + "/b/g");
  EXPECT_EQ(resolved("g/./h"), root + "/b/c/g/h");
  EXPECT_EQ(resolved("g/../h"), root + "/b/c/h");
  EXPECT_EQ(resolved("g?y/./x"), root + "/b/c/g?y/./x");
  EXPECT_EQ(resolved("http://localhost:99/x"), "http://localhost:99/x");
}

TEST(HttpUrlTest, RefusesReferencesToOtherSchemes) {
  EXPECT_EQ(resolved("https://localhost/"),
            "error: https:// is not supported yet (in \"https://localhost/\")");
  EXPECT_EQ(resolved("mailto:a"), "error: mailto: is not a scheme of http (in \"mailto:a\")");
}

TEST(HttpTargetTest, IsFitForTheRequestLine) {
  EXPECT_EQ(request_target("/a b?c=\"d\"&e=f%20g#h").value(), "/a%20b?c=%22d%22&e=f%20g");
  EXPECT_EQ(request_target("/caf\xc3\xa9").value(), "/caf%C3%A9");
  EXPECT_EQ(request_target("").value(), "/");
  EXPECT_EQ(request_target("?x").value(), "/?x");
  EXPECT_EQ(request_target("/a/../b").value(), "/a/../b");
}

TEST(HttpTargetTest, RefusesControlCharactersAndOtherBeginnings) {
  EXPECT_EQ(request_target("/a\r\nX: y").error().message,
            "a control character in path \"/a\\r\\nX: y\"");
  EXPECT_EQ(request_target("a/b").error().message, "path \"a/b\" must begin with \"/\"");
}

}  // namespace
}  // namespace fb
