#include "interpose/process/listening.h"

#include "interpose/sys/posix.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>

namespace fb {
namespace {

constexpr unsigned kListenState = 0x0A;

std::optional<uint64_t> number(std::string_view text, int base) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

// "sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode …", addresses as
// HEX:PORT.
std::optional<uint64_t> listening_inode(std::string_view line, uint16_t port) {
  std::array<std::string_view, 10> fields;
  for (auto& field : fields) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    field = line.substr(0, line.find(' '));
    line.remove_prefix(field.size());
  }
  const std::string_view local = fields[1];
  const size_t colon = local.rfind(':');
  if (colon == std::string_view::npos) return {};
  if (number(local.substr(colon + 1), 16) != port) return {};
  if (number(fields[3], 16) != kListenState) return {};
  return number(fields[9], 10);
}

}  // namespace

std::vector<uint64_t> listening_in(std::string_view table, uint16_t port) {
  std::vector<uint64_t> inodes;
  while (!table.empty()) {
    const std::string_view line = table.substr(0, table.find('\n'));
    if (const auto inode = listening_inode(line, port)) inodes.push_back(*inode);
    table.remove_prefix(std::min(line.size() + 1, table.size()));
  }
  return inodes;
}

std::vector<uint64_t> listening_sockets(uint16_t port) {
  std::vector<uint64_t> inodes;
  for (const char* path : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
    const auto table = posix::read_file(path);
    if (!table.ok()) continue;  // a kernel without IPv6
    const auto found = listening_in(table.value(), port);
    inodes.insert(inodes.end(), found.begin(), found.end());
  }
  return inodes;
}

}  // namespace fb
