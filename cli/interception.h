// The calls of one execution's services, from the kernel to its Scheduler: the supervisor with its
// filters and, where order is controlled, what it takes to tell which call may go and when it is
// quiet.
#pragma once
#include "core/run/execution.h"
#include "interpose/follow/followed_net.h"
#include "interpose/follow/follower.h"
#include "interpose/footprint/connections.h"
#include "interpose/footprint/service_model.h"
#include "interpose/process/filter_plan.h"
#include "interpose/quiescence/kernel_quiescence.h"
#include "interpose/routing/routed_net.h"
#include "interpose/seccomp/planner.h"
#include "interpose/seccomp/supervisor.h"
#include "interpose/sys/controlled_net.h"
#include "interpose/sys/epoll_loop.h"
#include "proxies/proxy/server.h"

#include <memory>
#include <string>
#include <vector>

namespace fb::cli {

class Interception {
 public:
  Interception(EpollLoop& loop, Execution& execution);
  Interception(const Interception&) = delete;
  Interception& operator=(const Interception&) = delete;

  FilterPlanner& planner() { return *planner_; }
  // Of steps: operations where order is controlled, followed where causality is.
  Net& net();
  Quiescence* quiescence() { return quiescence_.get(); }
  NetworkCut& network_cut() { return whole_cut_; }
  // Interfaces that protocol rules may name get their proxies. Error: no listener can be made.
  Status start_proxies();
  // What the user should know of this kernel, each message once.
  const std::vector<std::string>& notes() const { return planner_->notes(); }

 private:
  // Connections that run through a proxy are cut there.
  class WholeCut final : public NetworkCut {
   public:
    explicit WholeCut(Interception& whole) : whole_(whole) {}
    Status enforce(const PartitionSet& partitions) override;
    std::optional<ServiceId> owner(const Address& address, bool datagram) override {
      return whole_.cut_.owner(address, datagram);
    }

   private:
    Interception& whole_;
  };

  Connections connections_;
  std::unique_ptr<ServiceModel> model_;  // order controlled
  SocketCut cut_;
  std::unique_ptr<Follower> follower_;  // order free and followed
  WholeCut whole_cut_{*this};
  std::unique_ptr<Supervisor> supervisor_;
  std::unique_ptr<KernelQuiescence> quiescence_;  // order controlled
  std::unique_ptr<SeccompPlanner> planner_;
  EpollLoop& loop_;
  Execution& execution_;
  SocketNet sockets_;
  std::unique_ptr<ProxyServer> proxies_;
  std::unique_ptr<ConnectRouter> router_;
  std::unique_ptr<RoutedNet> routed_net_;
  std::unique_ptr<ControlledNet> controlled_net_;  // order controlled
  std::unique_ptr<FollowedNet> followed_net_;      // order free and followed
};

}  // namespace fb::cli
