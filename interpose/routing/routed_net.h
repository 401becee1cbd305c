// The Net of steps where some interfaces have a proxy: connections to those go through it, others
// as they are.
#pragma once
#include "interpose/routing/connect_router.h"
#include "interpose/sys/socket_net.h"

#include <memory>

namespace fb {

class RoutedNet final : public Net {
 public:
  RoutedNet(SocketNet& plain, ConnectRouter& router) : plain_(plain), router_(router) {}
  Result<std::unique_ptr<Stream>> connect(ActorId actor, const Address& to,
                                          Duration limit) override {
    if (const auto target = router_.proxied(to)) return router_.connect_step(to, *target, limit);
    return plain_.connect(actor, to, limit);
  }

 private:
  SocketNet& plain_;
  ConnectRouter& router_;
};

}  // namespace fb
