#include "interpose/process/listening.h"

#include "interpose/sys/posix.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <utility>

namespace fb {
namespace {

constexpr uint32_t kListenState = 0x0A;

std::optional<uint64_t> number(std::string_view text, int base) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

// The words of an address as the kernel prints them: each is the number that its bytes are in
// memory.
std::optional<Address> address_in(std::string_view words, uint16_t port) {
  Address address;
  if (words.size() != 8 && words.size() != 32) return {};
  address.family = words.size() == 8 ? Address::Family::kIpv4 : Address::Family::kIpv6;
  address.port = port;
  for (size_t i = 0; i < words.size() / 8; ++i) {
    const auto word = number(words.substr(i * 8, 8), 16);
    if (!word) return {};
    const auto bytes = static_cast<uint32_t>(*word);
    std::memcpy(address.ip.data() + i * 4, &bytes, 4);
  }
  return address;
}

// "sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode …", addresses as
// HEX:PORT.
std::optional<ListeningSocket> listening_row(std::string_view line, WantedPort port) {
  std::array<std::string_view, 10> fields;
  for (auto& field : fields) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    field = line.substr(0, line.find(' '));
    line.remove_prefix(field.size());
  }
  const std::string_view local = fields[1];
  const size_t colon = local.rfind(':');
  if (colon == std::string_view::npos) return {};
  const auto number_of_port = number(local.substr(colon + 1), 16);
  if (!number_of_port || (port && *number_of_port != *port)) return {};
  if (number(fields[3], 16) != kListenState) return {};
  const auto inode = number(fields[9], 10);
  // Of a listening socket the receive queue is the accept queue.
  const auto queue =
      number(fields[4].substr(std::min(fields[4].find(':') + 1, fields[4].size())), 16);
  const auto address = address_in(local.substr(0, colon), static_cast<uint16_t>(*number_of_port));
  if (!inode || !queue || !address) return {};
  return ListeningSocket{*inode, *queue, *address};
}

}  // namespace

std::vector<ListeningSocket> listening_in(std::string_view table, WantedPort port) {
  std::vector<ListeningSocket> sockets;
  while (!table.empty()) {
    const std::string_view line = table.substr(0, table.find('\n'));
    if (const auto row = listening_row(line, port)) sockets.push_back(*row);
    table.remove_prefix(std::min(line.size() + 1, table.size()));
  }
  return sockets;
}

std::vector<ListeningSocket> listening_in_messages(std::span<const std::byte> messages,
                                                   WantedPort port, bool& done) {
  std::vector<ListeningSocket> sockets;
  while (messages.size() >= sizeof(nlmsghdr)) {
    nlmsghdr header;
    std::memcpy(&header, messages.data(), sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > messages.size()) break;
    if (header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR) done = true;
    if (header.nlmsg_type == SOCK_DIAG_BY_FAMILY &&
        header.nlmsg_len >= NLMSG_LENGTH(sizeof(inet_diag_msg))) {
      inet_diag_msg row;
      std::memcpy(&row, messages.data() + NLMSG_HDRLEN, sizeof row);
      Address address;
      address.family =
          row.idiag_family == AF_INET6 ? Address::Family::kIpv6 : Address::Family::kIpv4;
      address.port = ntohs(row.id.idiag_sport);
      std::memcpy(address.ip.data(), row.id.idiag_src, row.idiag_family == AF_INET6 ? 16 : 4);
      if (!port || address.port == *port)
        sockets.push_back({row.idiag_inode, row.idiag_rqueue, address});
    }
    messages = messages.subspan(std::min<size_t>(NLMSG_ALIGN(header.nlmsg_len), messages.size()));
  }
  return sockets;
}

namespace {

// Asks sock_diag, which looks at listeners only: microseconds, where /proc/net/tcp walks the table
// of all connections of the machine for milliseconds. Empty: this kernel has no sock_diag.
std::optional<std::vector<ListeningSocket>> ask_sock_diag(uint8_t family, WantedPort port) {
  const Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!socket) return {};
  struct {
    nlmsghdr header;
    inet_diag_req_v2 body;
  } request{};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.sdiag_family = family;
  request.body.sdiag_protocol = IPPROTO_TCP;
  request.body.idiag_states = 1u << kListenState;
  if (::send(socket.get(), &request, sizeof request, 0) != sizeof request) return {};
  std::vector<ListeningSocket> sockets;
  std::vector<std::byte> answer(1 << 16);
  for (bool done = false; !done;) {
    const ssize_t n =
        posix::retried([&] { return ::recv(socket.get(), answer.data(), answer.size(), 0); });
    if (n < static_cast<ssize_t>(sizeof(nlmsghdr))) return {};
    nlmsghdr first;
    std::memcpy(&first, answer.data(), sizeof first);
    if (first.nlmsg_type == NLMSG_ERROR) return {};
    const auto found =
        listening_in_messages(std::span(answer).first(static_cast<size_t>(n)), port, done);
    sockets.insert(sockets.end(), found.begin(), found.end());
  }
  return sockets;
}

std::vector<ListeningSocket> read_table(const std::string& path, WantedPort port) {
  const auto table = posix::read_file(path);
  if (!table.ok()) return {};  // a kernel without IPv6
  return listening_in(table.value(), port);
}

}  // namespace

std::vector<ListeningSocket> listening_sockets(WantedPort port) {
  std::vector<ListeningSocket> sockets;
  for (const auto& [family, table] : {std::pair{uint8_t{AF_INET}, "/proc/self/net/tcp"},
                                      {uint8_t{AF_INET6}, "/proc/self/net/tcp6"}}) {
    auto found = ask_sock_diag(family, port);
    if (!found) found = read_table(table, port);
    sockets.insert(sockets.end(), found->begin(), found->end());
  }
  return sockets;
}

}  // namespace fb
