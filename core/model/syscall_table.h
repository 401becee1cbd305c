// What faultbox knows of each syscall: its kernel name, its family, which arguments name files or
// sockets. One row per syscall of libseccomp's table; a new call of a known shape is one new row.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fb {

// How the arguments of a call are to be read to learn what it is about.
enum class ArgumentShape : uint8_t {
  kNone,         // nothing about files or peers
  kPath,         // path in argument `path`
  kDirPath,      // directory fd in `fd`, path in `path`
  kTwoPaths,     // paths in `path` and `path2`
  kTwoDirPaths,  // (dirfd, path) in (`fd`, `path`) and (`fd2`, `path2`)
  kFd,           // file descriptor in `fd`; of calls about two files the other one in `fd2`
  kFdSockaddr,   // socket in `fd`, struct sockaddr in `path` with its length in the next argument
  kFdMsghdr,     // socket in `fd`, struct msghdr in `path`
  kFdMmsghdr,    // socket in `fd`, array of struct mmsghdr in `path`
};

struct SyscallRow {
  std::string_view name;    // the kernel's
  std::string_view family;  // "" when it belongs to none
  ArgumentShape shape = ArgumentShape::kNone;
  int8_t fd = -1, path = -1, fd2 = -1, path2 = -1;  // argument positions
  int8_t size = -1;                                 // argument that holds a byte count
};

// Index into syscall_rows(): the same on every architecture.
struct SyscallId {
  uint16_t value = 0;
  auto operator<=>(const SyscallId&) const = default;
};

std::span<const SyscallRow> syscall_rows();  // sorted by name
const SyscallRow& row_of(SyscallId id);
// By kernel name or alias of spec §8.2 (pread, send, sigaction, …); an alias wins over a call of
// another architecture that has the same name. Empty: no such call anywhere.
std::optional<SyscallId> find_syscall(std::string_view name_or_alias);

// The calls a KEY of fault() stands for (spec §8.2): a family's members in the documented order, or
// the one call. Empty: neither. A name that is a family wins over the call of the same name.
std::vector<SyscallId> expand_family(std::string_view key);
std::span<const std::string_view> family_names();
// All names and aliases and families, for suggestions; sorted.
std::vector<std::string_view> all_syscall_words();

// A set of calls, as a fixed bit set.
class SyscallSet {
 public:
  static constexpr size_t kCapacity = 640;

  void insert(SyscallId id) { bits_[id.value / 64] |= uint64_t{1} << (id.value % 64); }
  bool contains(SyscallId id) const { return bits_[id.value / 64] >> (id.value % 64) & 1; }
  void merge(const SyscallSet& other) {
    for (size_t i = 0; i < kWords; ++i) bits_[i] |= other.bits_[i];
  }
  bool empty() const {
    for (uint64_t w : bits_)
      if (w != 0) return false;
    return true;
  }
  std::vector<SyscallId> list() const {
    std::vector<SyscallId> out;
    for (uint16_t i = 0; i < kWords * 64; ++i)
      if (contains({i})) out.push_back({i});
    return out;
  }
  bool operator==(const SyscallSet&) const = default;

 private:
  static constexpr size_t kWords = kCapacity / 64;
  uint64_t bits_[kWords] = {};
};

}  // namespace fb
