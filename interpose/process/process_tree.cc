#include "interpose/process/process_tree.h"

#include "interpose/process/listening.h"
#include "interpose/sys/posix.h"

#include <array>
#include <charconv>
#include <dirent.h>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unistd.h>

namespace fb {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

std::optional<pid_t> parse_pid(std::string_view text) {
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return pid;
}

std::vector<pid_t> all_processes() {
  std::vector<pid_t> pids;
  const Directory proc(::opendir("/proc"));
  while (const dirent* entry = proc ? ::readdir(proc.get()) : nullptr)
    if (const auto pid = parse_pid(entry->d_name)) pids.push_back(*pid);
  return pids;
}

// The n-th field of /proc/PID/stat, by the numbers of proc(5); from 3 on.
std::optional<std::string> stat_field(pid_t pid, int n) {
  const auto stat = posix::read_file(fmt::format("/proc/{}/stat", pid));
  if (!stat.ok()) return {};
  // "PID (NAME) STATE PPID …", and NAME may hold anything, ')' included.
  std::string_view rest = stat.value();
  const size_t name_end = rest.rfind(')');
  if (name_end == std::string_view::npos || rest.size() < name_end + 2) return {};
  rest.remove_prefix(name_end + 2);
  for (int skipped = 3; skipped < n; ++skipped) {
    const size_t blank = rest.find(' ');
    if (blank == std::string_view::npos) return {};
    rest.remove_prefix(blank + 1);
  }
  return std::string(rest.substr(0, rest.find(' ')));
}

std::optional<pid_t> parent_of(pid_t pid) {
  const auto field = stat_field(pid, 4);
  return field ? parse_pid(*field) : std::nullopt;
}

}  // namespace

std::vector<pid_t> descendants_of(pid_t root) {
  std::map<pid_t, std::vector<pid_t>> children;
  for (const pid_t pid : all_processes())
    if (const auto parent = parent_of(pid)) children[*parent].push_back(pid);
  std::set<pid_t> found;
  std::vector<pid_t> unvisited{root};
  while (!unvisited.empty()) {
    const pid_t pid = unvisited.back();
    unvisited.pop_back();
    for (const pid_t child : children[pid])
      if (child > 1 && child != root && found.insert(child).second) unvisited.push_back(child);
  }
  return {found.begin(), found.end()};
}

int signal_descendants(pid_t root, int signal) {
  int count = 0;
  for (const pid_t pid : descendants_of(root)) {
    const auto parent = parent_of(pid);
    const auto pidfd = posix::pidfd_open(pid);
    // Still the one that was found? From here on the pidfd keeps the number from being reused.
    if (!pidfd.ok() || !parent || parent_of(pid) != parent) continue;
    if (posix::pidfd_send_signal(pidfd.value().get(), signal).ok()) ++count;
  }
  return count;
}

bool is_exiting(pid_t pid) {
  constexpr uint64_t kPfExiting = 0x4;  // the kernel's PF_EXITING, set before files are closed
  const auto flags = stat_field(pid, 9);
  if (!flags) return false;
  uint64_t value = 0;
  std::from_chars(flags->data(), flags->data() + flags->size(), value);
  return (value & kPfExiting) != 0;
}

std::set<uint64_t> sockets_of(pid_t pid) {
  constexpr std::string_view kPrefix = "socket:[";
  std::set<uint64_t> inodes;
  const std::string path = fmt::format("/proc/{}/fd", pid);
  const Directory fds(::opendir(path.c_str()));
  while (const dirent* entry = fds ? ::readdir(fds.get()) : nullptr) {
    std::array<char, 64> target;
    const ssize_t n =
        ::readlink((path + "/" + entry->d_name).c_str(), target.data(), target.size());
    if (n <= 0) continue;
    const std::string_view text(target.data(), static_cast<size_t>(n));
    uint64_t inode = 0;
    if (text.starts_with(kPrefix) &&
        std::from_chars(text.data() + kPrefix.size(), text.data() + text.size(), inode).ec ==
            std::errc())
      inodes.insert(inode);
  }
  return inodes;
}

std::string port_holder(uint16_t port) {
  const auto listeners = listening_sockets(port);
  if (listeners.empty()) return "";
  for (const pid_t pid : all_processes()) {
    const auto held = sockets_of(pid);
    for (const ListeningSocket& listener : listeners) {
      if (!held.contains(listener.inode)) continue;
      std::string name = posix::read_file(fmt::format("/proc/{}/comm", pid)).value_or("?");
      if (name.ends_with('\n')) name.pop_back();
      return fmt::format("process {} ({})", pid, name);
    }
  }
  return "";
}

}  // namespace fb
