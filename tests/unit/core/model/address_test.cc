#include "core/model/address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace fb {
namespace {

TEST(ParseAddressTest, ReadsWhatSpecsWrite) {
  for (const auto& [text, expected] : std::vector<std::pair<std::string, std::string>>{
           {"127.0.0.1:80", "127.0.0.1:80"},
           {"localhost:65535", "127.0.0.1:65535"},
           {"[::1]:80", "[::1]:80"},
           {"[::]:1", "[::]:1"},
           {"[2001:DB8:0:0:1:0:0:1]:5", "[2001:db8::1:0:0:1]:5"},
           {"[::ffff:10.0.0.1]:5", "[::ffff:10.0.0.1]:5"},
           {"[1:2:3:4:5:6:1.2.3.4]:5", "[1:2:3:4:5:6:102:304]:5"},
           {"[1::]:5", "[1::]:5"},
           {"unix:/run/x", "unix:/run/x"},
           {"unix:@name", "unix:@name"},
       }) {
    const Result<Address> address = parse_address(text);
    ASSERT_TRUE(address) << text << ": " << address.error().message;
    EXPECT_EQ(address->text(), expected);
    EXPECT_EQ(*parse_address(expected), *address);
  }
}

TEST(ParseAddressTest, RefusesTheRest) {
  for (std::string_view text : {"",
                                "localhost",
                                ":80",
                                "localhost:",
                                "localhost:0",
                                "localhost:65536",
                                "localhost:08000x",
                                "localhost:-1",
                                "localhost:*",
                                "db:5432",
                                "1.2.3:80",
                                "1.2.3.4.5:80",
                                "1.2.3.256:80",
                                "01.2.3.4:80",
                                "1.2.3.4",
                                "::1:80",
                                "[::1]",
                                "[::1",
                                "[::1]80",
                                "[1.2.3.4]:80",
                                "[localhost:80",
                                "[:::1]:80",
                                "[1::2::3]:80",
                                "[1:2:3:4:5:6:7]:80",
                                "[1:2:3:4:5:6:7::8]:80",
                                "[12345::]:80",
                                "[g::]:80",
                                "[::1%lo]:80",
                                "[1.2.3.4::]:80",
                                "unix:relative"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
}

TEST(SplitHostPortTest, TakesAnyNameAndAnyPort) {
  EXPECT_EQ(*split_host_port("db.example:5432"), (HostPort{"db.example", 5432}));
  EXPECT_EQ(*split_host_port("[::1]:*"), (HostPort{"::1", std::nullopt}));
  EXPECT_EQ(split_host_port("db").error().message, "bad address \"db\": the port is missing");
}

TEST(AddressTest, KnowsLoopback) {
  for (std::string_view host : {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(parse_ip(host)->is_loopback()) << host;
  }
  for (std::string_view host : {"128.0.0.1", "10.0.0.1", "::", "::2", "::ffff:10.0.0.1"}) {
    EXPECT_FALSE(parse_ip(host)->is_loopback()) << host;
  }
  EXPECT_FALSE(parse_address("unix:/run/x")->is_loopback());
}

TEST(AddressTest, UnmapsIpv4) {
  EXPECT_EQ(parse_address("[::ffff:10.0.0.1]:5")->unmapped(), *parse_address("10.0.0.1:5"));
  EXPECT_EQ(parse_address("[::1]:5")->unmapped(), *parse_address("[::1]:5"));
}

// Mostly zeros, so that runs of them are met.
rc::Gen<Address> any_ipv6() {
  return rc::gen::map(
      rc::gen::container<std::vector<uint8_t>>(
          16, rc::gen::oneOf(rc::gen::just<uint8_t>(0), rc::gen::just<uint8_t>(0),
                             rc::gen::just<uint8_t>(0xff), rc::gen::arbitrary<uint8_t>())),
      [](const std::vector<uint8_t>& bytes) {
        Address address;
        address.family = Address::Family::kIpv6;
        address.port = 1;
        std::copy(bytes.begin(), bytes.end(), address.ip.begin());
        return address;
      });
}

RC_GTEST_PROP(AddressTest, WritesIpv6AsTheCLibraryReadsIt, ()) {
  Address address = *any_ipv6();
  const std::string text = address.text();
  RC_ASSERT(*parse_address(text) == address);
  std::array<uint8_t, 16> theirs{};
  const std::string host = text.substr(1, text.find(']') - 1);
  RC_ASSERT(inet_pton(AF_INET6, host.c_str(), theirs.data()) == 1);
  RC_ASSERT(theirs == address.ip);
  char printed[INET6_ADDRSTRLEN];
  RC_ASSERT(inet_ntop(AF_INET6, address.ip.data(), printed, sizeof printed) != nullptr);
  RC_ASSERT(parse_ip(printed)->ip == address.ip);
}

RC_GTEST_PROP(AddressTest, ReadsIpsAsTheCLibraryDoes, ()) {
  const auto text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0011223f:::..")));
  std::array<uint8_t, 16> theirs{};
  const bool v4 = inet_pton(AF_INET, text.c_str(), theirs.data()) == 1;
  const bool v6 = !v4 && inet_pton(AF_INET6, text.c_str(), theirs.data()) == 1;
  const std::optional<Address> ours = parse_ip(text);
  RC_ASSERT(ours.has_value() == (v4 || v6));
  if (ours) RC_ASSERT(ours->ip == theirs);
}

}  // namespace
}  // namespace fb
