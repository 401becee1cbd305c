// Signals that are meant for a program we run: blocked here from construction on and readable
// through a descriptor, to be passed on. Those that a terminal sends reach the program without us,
// because it is in our process group; they are swallowed.
#pragma once
#include "core/base/result.h"
#include "interpose/sys/fd.h"

namespace fb {

class PassedSignals {
 public:
  // SIGINT, SIGTERM, SIGHUP, SIGQUIT.
  static Result<PassedSignals> block();

  int fd() const { return fd_.get(); }
  // The next signal to pass on, or 0: none is there, or the terminal has sent it.
  int take();

 private:
  explicit PassedSignals(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace fb
