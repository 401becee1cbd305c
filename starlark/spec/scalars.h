// The scalars of spec §2.1 as words take them: from Starlark values to values of the model, with
// the messages of §1.3. Knows no word.
#pragma once
#include "core/base/time.h"
#include "core/model/fault_rule.h"
#include "core/model/syscall_table.h"
#include "starlark/eval/failure.h"
#include "starlark/eval/value.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fb::spec {

using starlark::Fallible;
using starlark::Raised;
using starlark::Value;

// `unknown WHAT "NAME" (did you mean "X"?)`.
std::string unknown(std::string_view what, std::string_view name,
                    std::span<const std::string> known);

// A string or a number; absent and None mean always.
Fallible<double> read_probability(const Value& value);
Fallible<Trigger> read_trigger(const Value& value);
// The trigger `name`=value: `nth`, `after`, `every` or `first` and an int.
Fallible<Trigger> read_trigger_word(std::string_view name, const Value& value);
// The canonical name and the number.
struct ErrnoValue {
  int number = 0;
  std::string name;
};
Fallible<ErrnoValue> read_errno(std::string_view name);
// Whether the calls of this machine include it; empty: all do.
using SyscallExists = std::function<bool(SyscallId)>;
// The calls that a syscall or family name stands for. Errors: unknown (with suggestion), or known
// only on other architectures.
Fallible<std::vector<SyscallId>> read_syscalls(std::string_view name, const SyscallExists& exists);
// exit, exit_group, rt_sigreturn, restart_syscall: no rule can hold there (spec §8.2).
bool cannot_be_faulted(SyscallId call);

}  // namespace fb::spec
