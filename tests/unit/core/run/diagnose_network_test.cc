#include "core/run/diagnose_network.h"

#include "tests/support/log_builder.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

Event connect_to(uint64_t seq, const std::string& destination, const std::string& decision) {
  Event event;
  event.seq = seq;
  event.service = "api";
  event.fields = {{"syscall", "connect"}, {"decision", decision}, {"dest", destination}};
  return event;
}

std::vector<Diagnostic> diagnosed(std::vector<Event> events) {
  TestResult result;
  result.events = std::move(events);
  add_network_isolated(result);
  return result.diagnostics;
}

TEST(DiagnoseNetworkTest, ACallToAnAddressOutsideIsNamedOncePerServiceAndDestination) {
  const auto found =
      diagnosed({connect_to(1, "192.0.2.1:80", "allow"), connect_to(2, "192.0.2.1:80", "allow"),
                 connect_to(3, "[2001:db8::1]:443", "allow")});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].code, "NETWORK_ISOLATED");
  EXPECT_EQ(found[0].level, Diagnostic::Level::kWarning);
  EXPECT_EQ(found[0].service, "api");
  EXPECT_NE(found[0].message.find("192.0.2.1:80"), std::string::npos);
  EXPECT_EQ(found[0].events, (std::vector<uint64_t>{1, 2}));
}

TEST(DiagnoseNetworkTest, LoopbackAndCallsThatWereNotMadeAreNone) {
  EXPECT_TRUE(diagnosed({connect_to(1, "127.0.0.1:80", "allow"), connect_to(2, "[::1]:80", "allow"),
                         connect_to(3, "[::ffff:127.0.0.1]:80", "allow"),
                         connect_to(4, "0.0.0.0:80", "allow"), connect_to(5, "/run/x", "allow"),
                         connect_to(6, "192.0.2.1:80", "deny(connection refused)")})
                  .empty());
}

}  // namespace
}  // namespace fb
