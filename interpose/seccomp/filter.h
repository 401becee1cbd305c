// The BPF program of a service: which of its calls the kernel turns into notifications. Built by
// libseccomp before the fork, so that the child only has to hand over bytes.
//
//   foreign architecture, x32      → ENOSYS     (int 0x80 would go round every rule)
//   io_uring_setup, when refused   → ENOSYS, or a notification where it must be recorded
//   calls asked for                → notification
//   datagrams, bind, accept        → notification where connect is asked for (partitions)
//   futex, order controlled        → notification of WAIT and WAIT_BITSET only
//   everything else                → allowed without a detour
//
// Names are resolved for the native architecture; calls that exist only elsewhere are reported.
#pragma once
#include "core/base/result.h"
#include "core/model/syscall_table.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace fb {

struct FilterRequest {
  SyscallSet notify;
  bool deny_io_uring = false;
  SyscallSet also;          // and these, where the architecture has them
  bool controlled = false;  // add everything order-relevant
  bool operator==(const FilterRequest&) const = default;
};

struct FilterProgram {
  std::vector<std::byte> code;       // an array of struct sock_filter; empty: no filter needed
  std::vector<std::string> skipped;  // calls of the request that this architecture lacks
};

// Error: libseccomp refuses (Code::kUnavailable names what).
Result<FilterProgram> build_filter(const FilterRequest& request);

// Numbers of this machine to rows, and back. Empty: not in the table, or not on this architecture.
std::optional<SyscallId> syscall_of_number(int number);
std::optional<int> number_of_syscall(SyscallId id);

// What a controlled service must notify besides the calls of its rules: files, directory entries,
// descriptors that others see, sockets, pipes, readiness, locks, processes, signals, sleeps.
// Memory, identity, signal masks and clock reads stay with the kernel.
const SyscallSet& order_relevant_calls();

}  // namespace fb
