// The driver's own connections where order is free and causality is followed: plain sockets whose
// bytes are matched with the services' like anybody's (follower.h). What the driver sends is caused
// by what it has done, and what it reads is its knowledge from then on.
#pragma once
#include "core/sched/scheduler.h"
#include "interpose/follow/follower.h"
#include "interpose/sys/socket_net.h"

#include <memory>

namespace fb {

class FollowedNet final : public Net {
 public:
  FollowedNet(EpollLoop& loop, Scheduler& scheduler, Follower& follower)
      : plain_(loop), scheduler_(scheduler), follower_(follower) {}

  Result<std::unique_ptr<Stream>> connect(ActorId actor, const Address& to,
                                          Duration limit) override;

 private:
  SocketNet plain_;
  Scheduler& scheduler_;
  Follower& follower_;
};

}  // namespace fb
