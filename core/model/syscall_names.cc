// Aliases and families over the rows of syscall_table.cc (spec §8.2).
#include "core/model/syscall_table.h"

#include <algorithm>
#include <array>

namespace fb {

namespace {

struct Alias {
  std::string_view alias;
  std::string_view name;
};
// An alias wins over the call of the same name: those calls (send, sigaction…) exist only on
// architectures we do not run on, while the libc functions of these names make the calls here.
constexpr std::array kAliases{
    Alias{"fstatat", "newfstatat"},     Alias{"pread", "pread64"},
    Alias{"prlimit", "prlimit64"},      Alias{"pwrite", "pwrite64"},
    Alias{"recv", "recvfrom"},          Alias{"send", "sendto"},
    Alias{"sigaction", "rt_sigaction"}, Alias{"sigprocmask", "rt_sigprocmask"},
    Alias{"sigreturn", "rt_sigreturn"},
};

struct Family {
  std::string_view name;
  std::array<std::string_view, 7> members;  // the rest is ""
};
constexpr std::array kFamilies{
    Family{"accept", {"accept", "accept4"}},
    Family{"clone", {"clone", "clone3"}},
    Family{"connect", {"connect"}},
    Family{"fsync", {"fsync", "fdatasync"}},
    Family{"mkdir", {"mkdir", "mkdirat"}},
    Family{"open", {"open", "openat", "openat2", "creat"}},
    Family{"poll",
           {"poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait", "epoll_pwait2"}},
    Family{"read", {"read", "readv", "pread64", "preadv", "preadv2"}},
    Family{"recvfrom", {"recvfrom", "recvmsg", "recvmmsg"}},
    Family{"rename", {"rename", "renameat", "renameat2"}},
    Family{"sendto", {"sendto", "sendmsg", "sendmmsg"}},
    Family{"stat", {"stat", "lstat", "fstat", "newfstatat", "statx"}},
    Family{"unlink", {"unlink", "unlinkat"}},
    Family{"write", {"write", "writev", "pwrite64", "pwritev", "pwritev2"}},
};
constexpr auto kFamilyNames = [] {
  std::array<std::string_view, kFamilies.size()> names;
  std::ranges::transform(kFamilies, names.begin(), &Family::name);
  return names;
}();

}  // namespace

std::optional<SyscallId> find_syscall(std::string_view name_or_alias) {
  std::string_view name = name_or_alias;
  for (const Alias& alias : kAliases) {
    if (alias.alias == name) {
      name = alias.name;
      break;
    }
  }
  const std::span<const SyscallRow> rows = syscall_rows();
  const auto found = std::ranges::lower_bound(rows, name, {}, &SyscallRow::name);
  if (found == rows.end() || found->name != name) return std::nullopt;
  return SyscallId{static_cast<uint16_t>(found - rows.begin())};
}

std::vector<SyscallId> expand_family(std::string_view key) {
  std::vector<SyscallId> calls;
  for (const Family& family : kFamilies) {
    if (family.name != key) continue;
    for (std::string_view member : family.members) {
      if (!member.empty()) calls.push_back(*find_syscall(member));
    }
    return calls;
  }
  if (const std::optional<SyscallId> call = find_syscall(key)) calls.push_back(*call);
  return calls;
}

std::span<const std::string_view> family_names() {
  return kFamilyNames;
}

std::vector<std::string_view> all_syscall_words() {
  // Every family is also the name of a call, so families add no word of their own.
  std::vector<std::string_view> words;
  for (const SyscallRow& row : syscall_rows()) words.push_back(row.name);
  for (const Alias& alias : kAliases) words.push_back(alias.alias);
  std::ranges::sort(words);
  const auto twice = std::ranges::unique(words);
  words.erase(twice.begin(), twice.end());
  return words;
}

}  // namespace fb
