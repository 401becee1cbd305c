#include "starlark/spec/scalars.h"

#include "core/base/suggest.h"
#include "core/model/errno_table.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb::spec {

std::string unknown(std::string_view what, std::string_view name,
                    std::span<const std::string> known) {
  return fmt::format("unknown {} \"{}\"{}", what, name, did_you_mean(name, known));
}

Fallible<double> read_probability(const Value& value) {
  if (value.absent() || value.is_none()) return 1.0;
  if (value.is_string()) return FB_TRY(parse_probability(value.as_string()));
  return FB_TRY(parse_probability(starlark::str(value)));
}

Fallible<Trigger> read_trigger(const Value& value) {
  if (value.absent() || value.is_none()) return Trigger{};
  return FB_TRY(parse_trigger(value.as_string()));
}

Fallible<Trigger> read_trigger_word(std::string_view name, const Value& value) {
  return FB_TRY(parse_trigger(fmt::format("{}={}", name, starlark::str(value))));
}

Fallible<ErrnoValue> read_errno(std::string_view name) {
  const std::optional<int> number = errno_number(name);
  if (!number) {
    std::vector<std::string> known;
    for (std::string_view n : errno_names()) known.emplace_back(n);
    std::string upper(name);
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return Raised(fmt::format("unknown errno \"{}\"{}", name, did_you_mean(upper, known)));
  }
  return ErrnoValue{*number, errno_name(*number)};
}

Fallible<std::vector<SyscallId>> read_syscalls(std::string_view name, const SyscallExists& exists) {
  std::vector<SyscallId> calls = expand_family(name);
  if (calls.empty()) {
    if (const auto alias = find_syscall(name)) calls.push_back(*alias);
  }
  if (calls.empty()) {
    std::vector<std::string> known;
    for (std::string_view word : all_syscall_words()) known.emplace_back(word);
    return Raised(unknown("syscall", name, known));
  }
  if (exists) {
    std::erase_if(calls, [&](SyscallId call) { return !exists(call); });
    if (calls.empty()) {
      return Raised(fmt::format("syscall \"{}\" does not exist on this architecture", name));
    }
  }
  return calls;
}

bool cannot_be_faulted(SyscallId call) {
  const std::string_view name = row_of(call).name;
  return name == "exit" || name == "exit_group" || name == "rt_sigreturn" ||
         name == "restart_syscall";
}

}  // namespace fb::spec
