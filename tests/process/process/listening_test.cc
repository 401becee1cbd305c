#include "interpose/process/listening.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

// From a real /proc/net/tcp and tcp6.
constexpr std::string_view kTable =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode                                                     \n"
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
    "4711 1 0000000000000000 100 0 0 10 0                    \n"
    "   1: 0100007F:1F90 0100007F:C5A2 01 00000000:00000000 00:00000000 00000000     0        0 "
    "4712 1 0000000000000000 20 4 30 10 -1                   \n"
    "   2: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A "
    "00000000:00000000 00:00000000 00000000     0        0 815 1 0000000000000000 100 0 0 10 0\n";

TEST(ListeningTest, FindsListenersOnly) {
  EXPECT_EQ(listening_in(kTable, 8080), std::vector<uint64_t>{4711});
  EXPECT_EQ(listening_in(kTable, 22), std::vector<uint64_t>{815});
  EXPECT_TRUE(listening_in(kTable, 80).empty());
}

TEST(ListeningTest, ReadsNothingFromRubbish) {
  for (size_t cut = 0; cut < kTable.size(); ++cut)
    EXPECT_LE(listening_in(kTable.substr(cut), 8080).size(), 1u);
  EXPECT_TRUE(listening_in("", 8080).empty());
  EXPECT_TRUE(listening_in("\n\n   \n", 8080).empty());
}

}  // namespace
}  // namespace fb
