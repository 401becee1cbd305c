#include "interpose/process/listening.h"

#include "interpose/sys/fd.h"

#include <gtest/gtest.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace fb {
namespace {

// From a real /proc/net/tcp and tcp6.
constexpr std::string_view kTable =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode                                                     \n"
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 "
    "4711 1 0000000000000000 100 0 0 10 0                    \n"
    "   1: 0100007F:1F90 0100007F:C5A2 01 00000000:00000000 00:00000000 00000000     0        0 "
    "4712 1 0000000000000000 20 4 30 10 -1                   \n"
    "   2: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A "
    "00000000:00000000 00:00000000 00000000     0        0 815 1 0000000000000000 100 0 0 10 0\n";

TEST(ListeningTest, FindsListenersOnly) {
  EXPECT_EQ(listening_in(kTable, 8080),
            (std::vector{ListeningSocket{4711, 3, Address::loopback4(8080)}}));
  EXPECT_EQ(listening_in(kTable, 22),
            (std::vector{ListeningSocket{815, 0, parse_address("[::1]:22").value()}}));
  EXPECT_TRUE(listening_in(kTable, 80).empty());
  EXPECT_EQ(listening_in(kTable, std::nullopt).size(), 2u);
}

TEST(ListeningTest, ReadsNothingFromRubbish) {
  for (size_t cut = 0; cut < kTable.size(); ++cut)
    EXPECT_LE(listening_in(kTable.substr(cut), 8080).size(), 1u);
  EXPECT_TRUE(listening_in("", 8080).empty());
  EXPECT_TRUE(listening_in("\n\n   \n", 8080).empty());
}

// One row of a dump, or its end.
void append(std::vector<std::byte>& messages, uint16_t type, const inet_diag_msg& row) {
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_len = NLMSG_LENGTH(sizeof row);
  const auto head = std::as_bytes(std::span(&header, 1));
  const auto body = std::as_bytes(std::span(&row, 1));
  messages.insert(messages.end(), head.begin(), head.end());
  messages.insert(messages.end(), body.begin(), body.end());
  messages.resize(NLMSG_ALIGN(messages.size()));
}

std::vector<std::byte> dump() {
  std::vector<std::byte> messages;
  for (const uint16_t port : {uint16_t{80}, uint16_t{8080}}) {
    inet_diag_msg row{};
    row.idiag_family = AF_INET;
    row.id.idiag_src[0] = htonl(0x7f000001);
    row.id.idiag_sport = htons(port);
    row.idiag_inode = port + 1u;
    row.idiag_rqueue = 2;
    append(messages, SOCK_DIAG_BY_FAMILY, row);
  }
  append(messages, NLMSG_DONE, {});
  return messages;
}

TEST(ListeningTest, ReadsASockDiagDump) {
  bool done = false;
  EXPECT_EQ(listening_in_messages(dump(), 8080, done),
            (std::vector{ListeningSocket{8081, 2, Address::loopback4(8080)}}));
  EXPECT_TRUE(done);
}

TEST(ListeningTest, StopsAtACutOrBrokenDump) {
  const auto whole = dump();
  for (size_t size = 0; size < whole.size(); ++size) {
    bool done = false;
    EXPECT_LE(listening_in_messages(std::span(whole).first(size), 80, done).size(), 1u);
    EXPECT_FALSE(done);
  }
  std::vector<std::byte> zeros(64);
  bool done = false;
  EXPECT_TRUE(listening_in_messages(zeros, 0, done).empty());
}

TEST(ListeningTest, FindsARealListener) {
  const Fd fd(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::listen(fd.get(), 4), 0);  // on a free port, as the kernel chooses
  sockaddr_in6 address{};
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  struct stat info {};
  ASSERT_EQ(::fstat(fd.get(), &info), 0);
  EXPECT_EQ(listening_sockets(ntohs(address.sin6_port)),
            (std::vector{ListeningSocket{
                info.st_ino, 0, {Address::Family::kIpv6, {}, ntohs(address.sin6_port), {}}}}));
}

}  // namespace
}  // namespace fb
