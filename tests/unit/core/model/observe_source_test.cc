#include "core/model/observe_source.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

TEST(ObserveSourceTest, PollUrls) {
  const Address local = Address::loopback4(8080);
  EXPECT_EQ(*parse_poll_url("http://localhost:8080/health?x=1#top"),
            (PollTarget{local, "/health?x=1"}));
  EXPECT_EQ(*parse_poll_url("127.0.0.1:8080"), (PollTarget{local, "/"}));
  EXPECT_EQ(*parse_poll_url("http://localhost:8080?x"), (PollTarget{local, "/?x"}));
  EXPECT_EQ(*parse_poll_url("http://localhost/"), (PollTarget{Address::loopback4(80), "/"}));
  EXPECT_EQ(parse_poll_url("http://[::1]/")->to.port, 80);
  EXPECT_EQ(parse_poll_url("http://[::1]:81/")->to.port, 81);
}

TEST(ObserveSourceTest, UrlsThatCannotBePolledAreErrorsThatNameThem) {
  EXPECT_EQ(parse_poll_url("https://localhost/").error().message,
            "cannot poll \"https://localhost/\": only http:// can be polled");
  EXPECT_EQ(parse_poll_url("http://a@localhost/").error().message,
            "cannot poll \"http://a@localhost/\": it names a user");
  for (const char* url : {"", "http://", "http://host.example/", "localhost:0", "localhost:x"})
    EXPECT_EQ(parse_poll_url(url).error().code, Code::kInvalid) << url;
}

}  // namespace
}  // namespace fb
