// The faults of a command line, `write=ENOSPC:50%:*.wal:after=2` (cli.md §3), as rules. Checked as
// rules of specs are, in the same words.
#pragma once
#include "core/base/result.h"
#include "core/model/fault_rule.h"

#include <functional>
#include <string_view>

namespace fb::cli {

using SyscallExists = std::function<bool(SyscallId)>;

// KEY "=" (ERRNO | "delay:" DUR) [":" PCT] [":" GLOB] [":" TRIGGER]. The rule's label is `text`.
Result<FaultRule> parse_fault(std::string_view text, const SyscallExists& exists);

// The same with the name of an operation on files as KEY: open read write stat mkdir rename sync
// fsync delete, or any syscall.
Result<FaultRule> parse_fs_fault(std::string_view text, const SyscallExists& exists);

}  // namespace fb::cli
