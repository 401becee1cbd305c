#include "interpose/sys/passed_signals.h"

#include "interpose/sys/posix.h"

#include <cerrno>
#include <csignal>
#include <sys/signalfd.h>

namespace fb {

Result<PassedSignals> PassedSignals::block() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&set, signal);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  Fd fd(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd) return posix::error_of(errno, "signalfd");
  return PassedSignals(std::move(fd));
}

int PassedSignals::take() {
  signalfd_siginfo info{};
  if (read(fd_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return 0;
  return info.ssi_code == SI_KERNEL ? 0 : static_cast<int>(info.ssi_signo);
}

}  // namespace fb
