#include "interpose/seccomp/handover.h"

#include "interpose/seccomp/kernel.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace fb {
namespace {

// What helper and main thread of the child tell each other. Static: the child is a copy of its own.
struct Shared {
  std::atomic<int> listener{-1};  // ≥ 0: send it; -2: give up
  std::atomic<int> sent{0};       // 1: sent; negative: -errno
  int channel = -1;
};
Shared g_shared;
alignas(16) std::byte g_stack[32 * 1024];

void relax() {
  syscall(SYS_sched_yield);
}

int send_listener(int channel, int fd) noexcept {
  char byte = 0;
  iovec data{&byte, 1};
  alignas(cmsghdr) std::byte control[CMSG_SPACE(sizeof(int))]{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  return sendmsg(channel, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int helper(void*) {
  while (g_shared.listener.load() == -1) relax();
  const int listener = g_shared.listener.load();
  if (listener >= 0) {
    const int result = send_listener(g_shared.channel, listener);
    g_shared.sent.store(result == 0 ? 1 : result);
  }
  syscall(SYS_exit, 0);
  return 0;
}

int seccomp(unsigned operation, unsigned long flags, void* args) noexcept {
  return static_cast<int>(syscall(SYS_seccomp, operation, flags, args));
}

// A flag is known when the kernel gets as far as reading the (absent) program: EFAULT, not EINVAL.
bool flag_known(unsigned long flags) {
  return seccomp(SECCOMP_SET_MODE_FILTER, flags, nullptr) != 0 && errno == EFAULT;
}

}  // namespace

const SeccompFeatures& seccomp_features() {
  static const SeccompFeatures features{
      .listener = flag_known(SECCOMP_FILTER_FLAG_NEW_LISTENER),
      .wait_killable =
          flag_known(SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV),
  };
  return features;
}

int install_and_hand_over(const HandoverPlan& plan, int channel) noexcept {
  g_shared.listener.store(-1);
  g_shared.sent.store(0);
  g_shared.channel = channel;
  if (plan.no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  const int flags =
      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
  if (clone(helper, g_stack + sizeof g_stack, flags, nullptr) < 0) return errno;

  sock_fprog program{};
  program.len = static_cast<unsigned short>(plan.code.size() / sizeof(sock_filter));
  program.filter = reinterpret_cast<sock_filter*>(const_cast<std::byte*>(plan.code.data()));
  unsigned long how = SECCOMP_FILTER_FLAG_NEW_LISTENER;
  if (plan.wait_killable) how |= SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  const int listener = seccomp(SECCOMP_SET_MODE_FILTER, how, &program);
  if (listener < 0) {
    const int error_number = errno;
    g_shared.listener.store(-2);
    return error_number;
  }
  // From here to exec: no call but the yield.
  g_shared.listener.store(listener);
  while (g_shared.sent.load() == 0)
    if (plan.may_yield) relax();
  return g_shared.sent.load() < 0 ? -g_shared.sent.load() : 0;
}

}  // namespace fb
