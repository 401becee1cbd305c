// Has the kernel delivered what was sent? Loopback packets are delivered by the soft interrupts of
// the core that sent them; under load the kernel may leave those to its own helper thread, which
// ranks below this program when that runs in a real-time class. Then everybody sleeps, and yet
// bytes are on their way.
//
// The barrier sends a datagram to itself: the queue is served in order, so once it has arrived,
// everything that was sent on this core before has.
#pragma once
#include "core/base/result.h"
#include "interpose/sys/fd.h"

namespace fb {

class SoftirqBarrier {
 public:
  // Sockets of the network namespace this process is in now.
  static Result<SoftirqBarrier> create();

  // False: not yet; ask again after sleeping a little (sleeping lets the helper thread run).
  bool passed();

 private:
  explicit SoftirqBarrier(Fd socket) : socket_(std::move(socket)) {}
  Fd socket_;  // connected to itself
  bool under_way_ = false;
};

}  // namespace fb
