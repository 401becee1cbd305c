// How many calls each service made and how many of them a rule changed: `syscall_summary` of spec
// §18.1, computed from a finished log.
#pragma once
#include "core/model/event.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace fb {

struct SyscallCounts {
  uint64_t total = 0, faulted = 0;
  std::map<std::string, uint64_t> breakdown;  // by the kernel's name of the call
  bool operator==(const SyscallCounts&) const = default;
};

// A call that was denied, delayed or held.
bool is_faulted_decision(std::string_view decision);
// The second event of a held call ("allow (released)"): the call itself was counted at its hold.
bool is_release_decision(std::string_view decision);

std::map<std::string, SyscallCounts> syscall_summary(std::span<const Event> events);

}  // namespace fb
