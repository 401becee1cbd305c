#include "core/model/syscall_table.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <seccomp.h>
#include <set>
#include <string>
#include <vector>

namespace fb {
namespace {

std::vector<std::string_view> names(const std::vector<SyscallId>& calls) {
  std::vector<std::string_view> out;
  for (SyscallId id : calls) out.push_back(row_of(id).name);
  return out;
}

TEST(SyscallTableTest, HoldsEveryCallOfLibseccomp) {
  for (const SyscallRow& row : syscall_rows()) {
    EXPECT_NE(seccomp_syscall_resolve_name(std::string(row.name).c_str()), __NR_SCMP_ERROR)
        << row.name;
  }
  for (uint32_t arch :
       std::vector<uint32_t>{SCMP_ARCH_X86_64, SCMP_ARCH_AARCH64, SCMP_ARCH_X86, SCMP_ARCH_ARM}) {
    for (int number = 0; number < 512; ++number) {
      char* name = seccomp_syscall_resolve_num_arch(arch, number);
      if (name == nullptr) continue;
      const std::set<std::string> renamed = {"send", "recv", "sigaction", "sigprocmask",
                                             "sigreturn"};
      const auto id = find_syscall(name);
      ASSERT_TRUE(id) << name;
      if (!renamed.contains(name)) {
        EXPECT_EQ(row_of(*id).name, name);
      }
      std::free(name);
    }
  }
}

TEST(SyscallTableTest, HasArgumentPositionsThatFitTheShape) {
  using enum ArgumentShape;
  for (const SyscallRow& row : syscall_rows()) {
    const bool two = row.shape == kTwoPaths || row.shape == kTwoDirPaths;
    const bool path = row.shape != kNone && row.shape != kFd;
    const bool fd = row.shape != kNone && row.shape != kPath && row.shape != kTwoPaths;
    EXPECT_EQ(row.path >= 0, path) << row.name;
    EXPECT_EQ(row.path2 >= 0, two) << row.name;
    EXPECT_EQ(row.fd >= 0, fd) << row.name;
    if (row.shape == kTwoDirPaths) {
      EXPECT_GE(row.fd2, 0) << row.name;
    }
    if (row.shape != kTwoDirPaths && row.shape != kFd) {
      EXPECT_EQ(row.fd2, -1) << row.name;
    }
    std::set<int8_t> used;
    for (int8_t position : {row.fd, row.path, row.fd2, row.path2, row.size}) {
      EXPECT_LT(position, 6) << row.name;
      if (position >= 0) {
        EXPECT_TRUE(used.insert(position).second) << row.name;
      }
    }
  }
}

TEST(SyscallTableTest, KnowsTheAliases) {
  for (const auto& [alias, name] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"sigaction", "rt_sigaction"},
           {"sigprocmask", "rt_sigprocmask"},
           {"sigreturn", "rt_sigreturn"},
           {"fstatat", "newfstatat"},
           {"pread", "pread64"},
           {"pwrite", "pwrite64"},
           {"send", "sendto"},
           {"recv", "recvfrom"},
           {"prlimit", "prlimit64"},
           {"openat", "openat"},
       }) {
    const auto id = find_syscall(alias);
    ASSERT_TRUE(id) << alias;
    EXPECT_EQ(row_of(*id).name, name);
  }
  EXPECT_FALSE(find_syscall("wriet"));
  EXPECT_FALSE(find_syscall(""));
  EXPECT_FALSE(find_syscall("Write"));
}

TEST(SyscallTableTest, ExpandsFamiliesInDocumentedOrder) {
  using Names = std::vector<std::string_view>;
  const std::vector<std::pair<std::string_view, Names>> rows = {
      {"write", {"write", "writev", "pwrite64", "pwritev", "pwritev2"}},
      {"read", {"read", "readv", "pread64", "preadv", "preadv2"}},
      {"open", {"open", "openat", "openat2", "creat"}},
      {"fsync", {"fsync", "fdatasync"}},
      {"sendto", {"sendto", "sendmsg", "sendmmsg"}},
      {"recvfrom", {"recvfrom", "recvmsg", "recvmmsg"}},
      {"clone", {"clone", "clone3"}},
      {"connect", {"connect"}},
      {"accept", {"accept", "accept4"}},
      {"rename", {"rename", "renameat", "renameat2"}},
      {"unlink", {"unlink", "unlinkat"}},
      {"mkdir", {"mkdir", "mkdirat"}},
      {"stat", {"stat", "lstat", "fstat", "newfstatat", "statx"}},
      {"poll",
       {"poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait", "epoll_pwait2"}},
  };
  std::set<std::string_view> in_a_family;
  for (const auto& [family, members] : rows) {
    EXPECT_EQ(names(expand_family(family)), members);
    for (SyscallId id : expand_family(family)) EXPECT_EQ(row_of(id).family, family);
    in_a_family.insert(members.begin(), members.end());
  }
  EXPECT_EQ(family_names().size(), rows.size());
  for (const SyscallRow& row : syscall_rows()) {
    EXPECT_EQ(!row.family.empty(), in_a_family.contains(row.name)) << row.name;
  }
  EXPECT_EQ(names(expand_family("openat")), Names{"openat"});
  EXPECT_EQ(names(expand_family("send")), Names{"sendto"});
  EXPECT_TRUE(expand_family("nothing").empty());
}

TEST(SyscallTableTest, ListsEveryWordOnce) {
  const std::vector<std::string_view> words = all_syscall_words();
  EXPECT_TRUE(std::is_sorted(words.begin(), words.end()));
  EXPECT_EQ(std::set<std::string_view>(words.begin(), words.end()).size(), words.size());
  for (std::string_view family : family_names()) {
    EXPECT_TRUE(std::binary_search(words.begin(), words.end(), family)) << family;
  }
  for (std::string_view word : words) EXPECT_TRUE(find_syscall(word)) << word;
}

TEST(SyscallSetTest, HoldsEveryCall) {
  SyscallSet all;
  EXPECT_TRUE(all.empty());
  for (uint16_t i = 0; i < syscall_rows().size(); ++i) all.insert({i});
  EXPECT_EQ(all.list().size(), syscall_rows().size());
  SyscallSet one;
  one.insert(*find_syscall("write"));
  EXPECT_EQ(names(one.list()), std::vector<std::string_view>{"write"});
  EXPECT_FALSE(one.contains(*find_syscall("read")));
  one.merge(all);
  EXPECT_EQ(one, all);
}

}  // namespace
}  // namespace fb
