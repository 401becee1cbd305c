// The Net of steps where order is controlled: every call of a step is an Operation of the branch
// that makes it, parked at the Scheduler until it is chosen, and made at that moment, without
// waiting. Names and offsets are those that the service's own calls have (footprint/connections.h).
//
// A step reads until it has a whole message, so it does not matter to it how many reads that takes:
// its reads race with nothing but their own bytes.
#pragma once
#include "core/runtime/net.h"
#include "core/sched/clock.h"
#include "core/sched/scheduler.h"
#include "interpose/footprint/connections.h"
#include "interpose/sys/epoll_loop.h"
#include "interpose/sys/socket_net.h"

#include <functional>
#include <map>
#include <memory>

namespace fb {

class ControlledNet final : public Net, public OperationOwner {
 public:
  ControlledNet(EpollLoop& loop, Scheduler& scheduler, Clock& clock, Connections& connections);

  Result<std::unique_ptr<Stream>> connect(ActorId actor, const Address& to,
                                          Duration limit) override;

  void decided(OperationId id, const Decision& decision) override;
  bool probe(OperationId id, Operation& operation) override;

 private:
  friend class ControlledStream;
  // One call of a step, while its fiber waits for its turn.
  struct Turn {
    std::function<bool(Operation&)> probe;
    std::function<void()> make;  // the call itself; must not wait
    Fiber* fiber = nullptr;
    bool done = false;
    bool late = false;
    Turn(std::function<bool(Operation&)> p, std::function<void()> m)
        : probe(std::move(p)), make(std::move(m)) {}
  };
  // Inside a fiber: submits and parks until the call has been made. kTimeout after `limit`.
  Status await_turn(ActorId actor, std::string_view call, const std::optional<Address>& peer,
                    Turn& turn, Duration limit);

  EpollLoop& loop_;
  Scheduler& scheduler_;
  Clock& clock_;
  Connections& connections_;
  SocketNet plain_;
  std::map<OperationId, Turn*> waiting_;
  Turn* submitting_ = nullptr;
  bool marked_ = false;
};

}  // namespace fb
