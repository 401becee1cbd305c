#include "interpose/sys/interrupts.h"

#include "core/model/errno_table.h"

#include <cerrno>
#include <fmt/format.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace fb {
namespace {

sigset_t interrupts() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

Result<Interrupts> Interrupts::block() {
  const sigset_t set = interrupts();
  sigprocmask(SIG_BLOCK, &set, nullptr);
  Fd fd(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd) return failed(fmt::format("signalfd: {}", errno_text(errno)));
  return Interrupts(std::move(fd));
}

int Interrupts::take() {
  signalfd_siginfo info{};
  if (read(fd_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return 0;
  const sigset_t set = interrupts();
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
  return static_cast<int>(info.ssi_signo);
}

}  // namespace fb
