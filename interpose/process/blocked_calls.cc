#include "interpose/process/blocked_calls.h"

#include "core/model/syscall_table.h"
#include "interpose/sys/posix.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <seccomp.h>

namespace fb {
namespace {

std::string name_of_call(int number) {
  const std::unique_ptr<char, decltype(&std::free)> name(
      ::seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number), &std::free);
  return name == nullptr ? "" : name.get();
}

}  // namespace

// "NUMBER 0xARG 0xARG 0xARG 0xARG 0xARG 0xARG 0xSP 0xPC", or "running", or "-1 0xSP 0xPC".
std::optional<std::string> blocked_call(std::string_view text,
                                        const std::function<std::string(int fd)>& target_of_fd) {
  int number = -1;
  const char* const end = text.data() + text.size();
  auto [next, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || number < 0) return std::nullopt;
  std::array<uint64_t, 6> arguments{};
  for (uint64_t& argument : arguments) {
    if (end - next < 4 || std::string_view(next, 3) != " 0x") return std::nullopt;
    const auto parsed = std::from_chars(next + 3, end, argument, 16);
    if (parsed.ec != std::errc()) return std::nullopt;
    next = parsed.ptr;
  }
  std::string name = name_of_call(number);
  if (name.empty()) return std::nullopt;
  const auto id = find_syscall(name);
  if (!id) return name;
  const SyscallRow& row = row_of(*id);
  const bool has_fd = row.shape == ArgumentShape::kFd || row.shape == ArgumentShape::kFdSockaddr ||
                      row.shape == ArgumentShape::kFdMsghdr ||
                      row.shape == ArgumentShape::kFdMmsghdr;
  if (!has_fd || row.fd < 0) return name;
  const std::string target = target_of_fd(static_cast<int>(arguments[static_cast<size_t>(row.fd)]));
  return target.empty() ? name : name + " " + target;
}

std::vector<std::string> blocked_calls(std::span<const pid_t> pids) {
  std::map<std::string, int> counts;
  for (const pid_t pid : pids) {
    const auto target_of_fd = [pid](int fd) {
      std::error_code gone;
      return std::filesystem::read_symlink(fmt::format("/proc/{}/fd/{}", pid, fd), gone).string();
    };
    std::error_code gone;
    for (std::filesystem::directory_iterator thread(fmt::format("/proc/{}/task", pid), gone), none;
         !gone && thread != none; thread.increment(gone)) {
      const auto text = posix::read_file((thread->path() / "syscall").string());
      if (!text.ok()) continue;
      if (const auto call = blocked_call(text.value(), target_of_fd)) ++counts[*call];
    }
  }
  std::vector<std::string> calls;
  for (const auto& [call, count] : counts)
    calls.push_back(count == 1 ? call : fmt::format("{} ({} threads)", call, count));
  return calls;
}

}  // namespace fb
