#include "interpose/seccomp/filter.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <linux/futex.h>
#include <memory>
#include <optional>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace fb {
namespace {

struct Numbers {
  std::vector<int> by_row;  // -1: not on this architecture
  std::vector<std::optional<SyscallId>> by_number;
};

const Numbers& numbers() {
  static const Numbers table = [] {
    Numbers t;
    for (const SyscallRow& row : syscall_rows()) {
      const int number = seccomp_syscall_resolve_name(std::string(row.name).c_str());
      const SyscallId id{static_cast<uint16_t>(t.by_row.size())};
      t.by_row.push_back(number >= 0 ? number : -1);
      if (number < 0) continue;
      const auto index = static_cast<size_t>(number);
      if (t.by_number.size() <= index) t.by_number.resize(index + 1);
      t.by_number[index] = id;
    }
    return t;
  }();
  return table;
}

struct ReleaseContext {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, ReleaseContext>;

Error refused(std::string_view what, int result) {
  return {Code::kUnavailable,
          fmt::format("cannot build a seccomp filter: {}: {}", what, std::strerror(-result))};
}

// libseccomp 2.5 exports to a descriptor only; a memfd never blocks.
Result<std::vector<std::byte>> exported(scmp_filter_ctx context) {
  const int fd = memfd_create("faultbox-filter", MFD_CLOEXEC);
  if (fd < 0) return refused("memfd_create", -errno);
  std::vector<std::byte> code;
  const int result = seccomp_export_bpf(context, fd);
  if (result == 0) {
    code.resize(static_cast<size_t>(lseek(fd, 0, SEEK_END)));
    if (pread(fd, code.data(), code.size(), 0) != static_cast<ssize_t>(code.size())) code.clear();
  }
  close(fd);
  if (result != 0) return refused("export", result);
  if (code.empty()) return refused("export", -EIO);
  return code;
}

constexpr std::string_view kOrderRelevant[] = {
    // file data
    "read",
    "readv",
    "pread64",
    "preadv",
    "preadv2",
    "write",
    "writev",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "truncate",
    "ftruncate",
    "fallocate",
    "sendfile",
    "copy_file_range",
    "splice",
    "tee",
    "vmsplice",
    // metadata and durability
    "fsync",
    "fdatasync",
    "sync_file_range",
    "sync",
    "syncfs",
    "stat",
    "lstat",
    "fstat",
    "newfstatat",
    "statx",
    "access",
    "faccessat",
    "faccessat2",
    "chmod",
    "fchmod",
    "fchmodat",
    "chown",
    "fchown",
    "lchown",
    "fchownat",
    "utime",
    "utimes",
    "utimensat",
    "futimesat",
    "setxattr",
    "lsetxattr",
    "fsetxattr",
    "removexattr",
    "lremovexattr",
    "fremovexattr",
    "getxattr",
    "lgetxattr",
    "fgetxattr",
    "listxattr",
    "llistxattr",
    "flistxattr",
    "lseek",
    // directory entries
    "open",
    "openat",
    "openat2",
    "creat",
    "mkdir",
    "mkdirat",
    "rmdir",
    "unlink",
    "unlinkat",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "readlink",
    "readlinkat",
    "mknod",
    "mknodat",
    "getdents",
    "getdents64",
    "execve",
    "execveat",
    // descriptors whose closing or sharing others can see
    "close",
    "close_range",
    "dup2",
    "dup3",
    "flock",
    "fcntl",
    // pipes and sockets
    "pipe",
    "pipe2",
    "socketpair",
    "bind",
    "listen",
    "connect",
    "accept",
    "accept4",
    "sendto",
    "sendmsg",
    "sendmmsg",
    "recvfrom",
    "recvmsg",
    "recvmmsg",
    "shutdown",
    // readiness
    "poll",
    "ppoll",
    "select",
    "pselect6",
    "epoll_wait",
    "epoll_pwait",
    "epoll_pwait2",
    // processes and signals
    "fork",
    "vfork",
    "clone",
    "clone3",
    "wait4",
    "waitid",
    "exit",
    "exit_group",
    "kill",
    "tkill",
    "tgkill",
    "rt_sigqueueinfo",
    "pidfd_send_signal",
    "rt_sigtimedwait",
    "rt_sigsuspend",
    "pause",
    // time
    "nanosleep",
    "clock_nanosleep",
    // queues of the kernel
    "mq_timedsend",
    "mq_timedreceive",
    "msgsnd",
    "msgrcv",
    "semop",
    "semtimedop",
};

// A service whose connects are watched may meet a partition: then the calls that name the
// destination of a datagram are needed too, and those that give a socket its address or peer. What
// is sent over streams passes without a detour, unless by sendmsg.
Status add_partition_calls(scmp_filter_ctx context, const SyscallSet& notify) {
  const auto connect = find_syscall("connect");
  if (!connect || !notify.contains(*connect)) return {};
  // Argument 4 of sendto is the destination.
  const scmp_arg_cmp names_address{.arg = 4, .op = SCMP_CMP_NE, .datum_a = 0, .datum_b = 0};
  for (std::string_view name : {"accept", "accept4", "bind", "sendmmsg", "sendmsg", "sendto"}) {
    const auto id = find_syscall(name);
    const auto number = id ? number_of_syscall(*id) : std::nullopt;
    if (!number || notify.contains(*id)) continue;
    const int r = name == "sendto"
                      ? seccomp_rule_add(context, SCMP_ACT_NOTIFY, *number, 1, names_address)
                      : seccomp_rule_add(context, SCMP_ACT_NOTIFY, *number, 0);
    if (r != 0) return refused(name, r);
  }
  return {};
}

}  // namespace

std::optional<SyscallId> syscall_of_number(int number) {
  const auto& table = numbers().by_number;
  if (number < 0 || static_cast<size_t>(number) >= table.size()) return std::nullopt;
  return table[static_cast<size_t>(number)];
}

std::optional<int> number_of_syscall(SyscallId id) {
  const int number = numbers().by_row[id.value];
  return number < 0 ? std::nullopt : std::optional(number);
}

const SyscallSet& order_relevant_calls() {
  static const SyscallSet set = [] {
    SyscallSet s;
    for (std::string_view name : kOrderRelevant)
      if (auto id = find_syscall(name)) s.insert(*id);
    return s;
  }();
  return set;
}

namespace {

Result<FilterProgram> compile(const FilterRequest& request) {
  FilterProgram program;
  const auto io_uring = find_syscall("io_uring_setup");
  const auto futex = find_syscall("futex");
  SyscallSet notify = request.notify;
  notify.merge(request.also);
  if (request.controlled) notify.merge(order_relevant_calls());
  if (notify.empty() && !request.deny_io_uring && !request.controlled) return program;

  Context context{seccomp_init(SCMP_ACT_ALLOW)};
  if (context == nullptr) return refused("init", -ENOMEM);
  // Other architectures, x32 included, get this answer for every call.
  if (int r = seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS)))
    return refused("foreign architectures", r);

  for (SyscallId id : notify.list()) {
    const auto number = number_of_syscall(id);
    if (!number) {
      if (request.notify.contains(id)) program.skipped.emplace_back(row_of(id).name);
      continue;
    }
    if (int r = seccomp_rule_add(context.get(), SCMP_ACT_NOTIFY, *number, 0))
      return refused(row_of(id).name, r);
  }
  FB_TRY(add_partition_calls(context.get(), notify));
  if (request.controlled && futex && !notify.contains(*futex)) {
    if (const auto number = number_of_syscall(*futex)) {
      // Argument 1 is the operation; its upper bits are flags.
      for (const uint64_t op : {uint64_t{FUTEX_WAIT}, uint64_t{FUTEX_WAIT_BITSET}}) {
        const scmp_arg_cmp is_wait{
            .arg = 1, .op = SCMP_CMP_MASKED_EQ, .datum_a = 0x7f, .datum_b = op};
        if (int r = seccomp_rule_add(context.get(), SCMP_ACT_NOTIFY, *number, 1, is_wait))
          return refused("futex", r);
      }
    }
  }
  if (request.deny_io_uring && io_uring && !notify.contains(*io_uring)) {
    if (const auto number = number_of_syscall(*io_uring))
      if (int r = seccomp_rule_add(context.get(), SCMP_ACT_ERRNO(ENOSYS), *number, 0))
        return refused("io_uring_setup", r);
  }
  program.code = FB_TRY(exported(context.get()));
  return program;
}

}  // namespace

Result<FilterProgram> build_filter(const FilterRequest& request) {
  // A search starts the same services thousands of times.
  constexpr size_t kMaxKept = 32;
  static std::vector<std::pair<FilterRequest, FilterProgram>> kept;
  const auto found = std::find_if(kept.begin(), kept.end(),
                                  [&](const auto& entry) { return entry.first == request; });
  if (found != kept.end()) return found->second;
  FilterProgram program = FB_TRY(compile(request));
  if (kept.size() >= kMaxKept) kept.clear();
  kept.emplace_back(request, program);
  return program;
}

}  // namespace fb
