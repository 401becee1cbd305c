// The compiled filters, run by a small interpreter of classic BPF over made-up calls.
#include "interpose/seccomp/filter.h"

#include <cerrno>
#include <cstring>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

namespace fb {
namespace {

#if defined(__x86_64__)
constexpr uint32_t kNative = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kNative = AUDIT_ARCH_AARCH64;
#endif

// Of the instructions that libseccomp makes.
uint32_t run(const FilterProgram& program, const seccomp_data& data) {
  std::vector<sock_filter> code(program.code.size() / sizeof(sock_filter));
  std::memcpy(code.data(), program.code.data(), program.code.size());
  uint32_t accumulator = 0;
  for (size_t at = 0; at < code.size(); ++at) {
    const sock_filter& i = code[at];
    auto jump = [&](bool taken) { at += taken ? i.jt : i.jf; };
    switch (i.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        std::memcpy(&accumulator, reinterpret_cast<const char*>(&data) + i.k, sizeof accumulator);
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        accumulator &= i.k;
        break;
      case BPF_JMP | BPF_JA:
        at += i.k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        jump(accumulator == i.k);
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        jump(accumulator >= i.k);
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        jump(accumulator > i.k);
        break;
      case BPF_RET | BPF_K:
        return i.k;
      default:
        ADD_FAILURE() << "instruction " << i.code;
        return 0;
    }
  }
  ADD_FAILURE() << "ran off the end";
  return 0;
}

seccomp_data call(long number, uint64_t second_argument = 0, uint32_t arch = kNative) {
  seccomp_data data{};
  data.nr = static_cast<int>(number);
  data.arch = arch;
  data.args[1] = second_argument;
  return data;
}

SyscallSet only(std::string_view name) {
  SyscallSet set;
  set.insert(*find_syscall(name));
  return set;
}

TEST(FilterTest, NotifiesWhatIsAskedAndNothingElse) {
  const auto program = build_filter({.notify = only("fsync")}).value();
  EXPECT_EQ(run(program, call(SYS_fsync)), SECCOMP_RET_USER_NOTIF);
  EXPECT_EQ(run(program, call(SYS_write)), SECCOMP_RET_ALLOW);
  EXPECT_EQ(run(program, call(9999)), SECCOMP_RET_ALLOW);
}

TEST(FilterTest, NothingAskedIsNoFilter) {
  EXPECT_TRUE(build_filter({}).value().code.empty());
}

TEST(FilterTest, ForeignArchitecturesDoNotExist) {
  const auto program = build_filter({.notify = only("fsync")}).value();
  const uint32_t missing = SECCOMP_RET_ERRNO | ENOSYS;
  EXPECT_EQ(run(program, call(4, 0, AUDIT_ARCH_I386)), missing);
  EXPECT_EQ(run(program, call(4, 0, AUDIT_ARCH_ARM)), missing);
#if defined(__x86_64__)
  EXPECT_EQ(run(program, call(0x40000000 + SYS_fsync)), missing);
#endif
}

TEST(FilterTest, IoUringIsRefusedOrNotified) {
  const long setup = 425;
  EXPECT_EQ(run(build_filter({.deny_io_uring = true}).value(), call(setup)),
            SECCOMP_RET_ERRNO | ENOSYS);
  EXPECT_EQ(run(build_filter({.notify = only("io_uring_setup"), .deny_io_uring = true}).value(),
                call(setup)),
            SECCOMP_RET_USER_NOTIF);
}

TEST(FilterTest, ControlledOrderSeesWaitsOfFutexesButNotWakes) {
  const auto program = build_filter({.controlled = true}).value();
  EXPECT_EQ(run(program, call(SYS_futex, FUTEX_WAIT | FUTEX_PRIVATE_FLAG)), SECCOMP_RET_USER_NOTIF);
  EXPECT_EQ(run(program, call(SYS_futex, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME)),
            SECCOMP_RET_USER_NOTIF);
  EXPECT_EQ(run(program, call(SYS_futex, FUTEX_WAKE | FUTEX_PRIVATE_FLAG)), SECCOMP_RET_ALLOW);
  EXPECT_EQ(run(program, call(SYS_pwrite64)), SECCOMP_RET_USER_NOTIF);
  EXPECT_EQ(run(program, call(SYS_mmap)), SECCOMP_RET_ALLOW);
}

TEST(FilterTest, CallsOfOtherArchitecturesAreReported) {
  SyscallSet set = only("fsync");
  set.insert(*find_syscall("arm_fadvise64_64"));
  EXPECT_EQ(build_filter({.notify = set}).value().skipped,
            std::vector<std::string>{"arm_fadvise64_64"});
}

TEST(FilterTest, NumbersAndRowsAgree) {
  EXPECT_EQ(syscall_of_number(SYS_openat), find_syscall("openat"));
  EXPECT_EQ(number_of_syscall(*find_syscall("openat")), SYS_openat);
  EXPECT_EQ(syscall_of_number(-1), std::nullopt);
  EXPECT_EQ(syscall_of_number(100'000), std::nullopt);
}

}  // namespace
}  // namespace fb
