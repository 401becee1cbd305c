#include "core/runtime/launcher.h"

#include <array>
#include <fmt/format.h>
#include <string_view>

namespace fb {
namespace {

// Signals of Linux by number; the same on x86-64 and arm64.
constexpr std::array<std::string_view, 32> kSignalNames = {
    "",          "SIGHUP",  "SIGINT",    "SIGQUIT", "SIGILL",   "SIGTRAP", "SIGABRT", "SIGBUS",
    "SIGFPE",    "SIGKILL", "SIGUSR1",   "SIGSEGV", "SIGUSR2",  "SIGPIPE", "SIGALRM", "SIGTERM",
    "SIGSTKFLT", "SIGCHLD", "SIGCONT",   "SIGSTOP", "SIGTSTP",  "SIGTTIN", "SIGTTOU", "SIGURG",
    "SIGXCPU",   "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO",   "SIGPWR",  "SIGSYS"};

}  // namespace

std::string signal_name(int number) {
  if (number > 0 && number < static_cast<int>(kSignalNames.size()))
    return std::string(kSignalNames[static_cast<size_t>(number)]);
  return fmt::format("SIG{}", number);
}

std::optional<int> signal_number(std::string_view name) {
  for (size_t i = 1; i < kSignalNames.size(); ++i)
    if (kSignalNames[i] == name) return static_cast<int>(i);
  return {};
}

std::string ExitState::text() const {
  return signalled ? fmt::format("signal {} ({})", code, signal_name(code))
                   : fmt::format("exit code {}", code);
}

}  // namespace fb
