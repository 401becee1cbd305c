#include "interpose/partition/packet_filter.h"

#include "core/base/check.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>

namespace fb {
namespace {

constexpr uint32_t kAll = 0xffffffff;
constexpr uint16_t kLoadByte = BPF_LD | BPF_B | BPF_ABS;
constexpr uint16_t kLoadHalf = BPF_LD | BPF_H | BPF_ABS;
constexpr uint16_t kLoadWord = BPF_LD | BPF_W | BPF_ABS;

sock_filter statement(uint16_t code, uint32_t k) {
  return BPF_STMT(code, k);
}
sock_filter jump(uint16_t code, uint32_t k, uint8_t if_true, uint8_t if_false) {
  return BPF_JUMP(static_cast<uint16_t>(BPF_JMP | code), k, if_true, if_false);
}

// Offset into the network header, however the transport header is reached.
constexpr uint32_t network(int offset) {
  return static_cast<uint32_t>(SKF_NET_OFF + offset);
}

uint32_t word_at(const Address& address, size_t i) {
  const auto* byte = address.ip.data() + i * 4;
  return uint32_t{byte[0]} << 24 | uint32_t{byte[1]} << 16 | uint32_t{byte[2]} << 8 | byte[3];
}

bool is_unspecified(const Address& address) {
  return address.ip == std::array<uint8_t, 16>{};
}

}  // namespace

PacketFilter drop_everything() {
  return {statement(BPF_RET | BPF_K, 0)};
}

PacketFilter drop_payload() {
  // The data begins with the TCP header.
  return {
      statement(kLoadByte, 12),                    //  0 length of the header in words, high nibble
      statement(BPF_ALU | BPF_AND | BPF_K, 0xf0),  //  1
      statement(BPF_ALU | BPF_RSH | BPF_K, 2),     //  2 in bytes
      statement(BPF_MISC | BPF_TAX, 0),            //  3
      statement(BPF_LD | BPF_W | BPF_LEN, 0),      //  4
      jump(BPF_JGT | BPF_X, 0, 6, 0),              //  5 longer than its header: drop
      statement(kLoadByte, 13),                    //  6 flags
      jump(BPF_JSET | BPF_K, 0x01, 4, 0),          //  7 FIN, the end of the bytes: drop
      jump(BPF_JSET | BPF_K, 0x04, 0, 4),          //  8 no RST: pass
      // A reset that refuses a connection attempt answers a SYN: it acknowledges, at sequence 0.
      jump(BPF_JSET | BPF_K, 0x10, 0, 2),  //  9
      statement(kLoadWord, 4),             // 10
      jump(BPF_JEQ | BPF_K, 0, 1, 0),      // 11
      statement(BPF_RET | BPF_K, 0),       // 12 drop
      statement(BPF_RET | BPF_K, kAll),    // 13 pass
  };
}

PacketFilter drop_datagrams(std::span<const Address> senders) {
  FB_CHECK(senders.size() <= kMaxSenders);
  PacketFilter filter;
  for (const Address& sender : senders) {
    // The data begins with the UDP header: the source port. Each test that fails goes to the next
    // sender.
    PacketFilter tests;
    const auto require = [&](sock_filter load, uint32_t value) {
      tests.push_back(load);
      tests.push_back(jump(BPF_JEQ | BPF_K, value, 0, 0));
    };
    require(statement(kLoadHalf, 0), sender.port);
    if (!is_unspecified(sender)) {
      const bool v4 = sender.family == Address::Family::kIpv4;
      tests.push_back(statement(kLoadByte, network(0)));
      require(statement(BPF_ALU | BPF_AND | BPF_K, 0xf0), v4 ? 0x40 : 0x60);
      for (size_t i = 0; i < (v4 ? 1u : 4u); ++i)
        require(statement(kLoadWord, network(v4 ? 12 : static_cast<int>(8 + 4 * i))),
                word_at(sender, i));
    }
    tests.push_back(statement(BPF_RET | BPF_K, 0));
    for (size_t i = 0; i < tests.size(); ++i)
      if (BPF_CLASS(tests[i].code) == BPF_JMP)
        tests[i].jf = static_cast<uint8_t>(tests.size() - i - 1);
    filter.insert(filter.end(), tests.begin(), tests.end());
  }
  filter.push_back(statement(BPF_RET | BPF_K, kAll));
  return filter;
}

int attach(int socket, const PacketFilter& filter) {
  sock_fprog program{static_cast<unsigned short>(filter.size()),
                     const_cast<sock_filter*>(filter.data())};
  return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0 ? 0
                                                                                         : errno;
}

int detach(int socket) {
  const int unused = 0;
  return setsockopt(socket, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused) == 0 ? 0 : errno;
}

}  // namespace fb
