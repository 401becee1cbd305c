// SIGINT and SIGTERM as something to wait for: blocked from construction on, readable through a
// descriptor. The second signal acts at once, as if nobody had blocked it.
#pragma once
#include "core/base/result.h"
#include "interpose/sys/fd.h"

#include <csignal>

namespace fb {

class Interrupts {
 public:
  static Result<Interrupts> block();

  int fd() const { return fd_.get(); }
  // The signal that arrived, or 0. From then on a further one ends the process.
  int take();

 private:
  explicit Interrupts(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace fb
