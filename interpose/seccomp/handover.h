// Turning the filter on in the child and getting its listener to the supervisor, between fork and
// exec. From the moment the filter is on until execve the filtered thread makes no call that a
// filter may catch: a helper thread, which was made before and has no filter, sends the
// listener over a socket (SCM_RIGHTS) while the filtered thread only yields. (With one thread, a
// set that holds sendmsg would hang for ever.)
#pragma once
#include <cstddef>
#include <span>

namespace fb {

// What the kernel can do; asked once. Without `wait_killable` a signal loses the answer of a held
// call (Linux < 5.19): a diagnostic, not an error.
struct SeccompFeatures {
  bool listener = false;
  bool wait_killable = false;
};
const SeccompFeatures& seccomp_features();

// Prepared by the parent, used by the child, which allocates nothing.
struct HandoverPlan {
  std::span<const std::byte> code;  // FilterProgram::code
  bool no_new_privs = true;         // false only with CAP_SYS_ADMIN
  bool wait_killable = true;
  bool may_yield = true;  // sched_yield is not in the filter: the main thread need not spin
};

// In the child: sends one byte with the listener over `channel`. 0, or an errno; on an error before
// the filter is on nothing has been sent. Async-signal-safe.
int install_and_hand_over(const HandoverPlan& plan, int channel) noexcept;

}  // namespace fb
