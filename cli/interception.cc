#include "cli/interception.h"

namespace fb::cli {

Interception::Interception(EpollLoop& loop, Execution& execution)
    : loop_(loop), execution_(execution), sockets_(loop) {
  const bool controlled = execution.options().controlled;
  if (controlled) model_ = std::make_unique<ServiceModel>(connections_);
  supervisor_ =
      std::make_unique<Supervisor>(loop, execution.scheduler(), execution.clock(), model_.get());
  supervisor_->set_socket_cut(&cut_);
  if (execution.options().followed && !controlled) {
    follower_ = std::make_unique<Follower>();
    supervisor_->set_follower(follower_.get());
    followed_net_ = std::make_unique<FollowedNet>(loop, execution.scheduler(), *follower_);
  }
  SeccompPlanner::Options options;
  if (controlled) {
    quiescence_ = std::make_unique<KernelQuiescence>(
        *supervisor_, *model_,
        KernelQuiescence::Options{.name = [names = execution.topology().names()](ActorId actor) {
          return actor_name(actor, names);
        }});
    options.realtime = quiescence_->realtime();
    controlled_net_ = std::make_unique<ControlledNet>(loop, execution.scheduler(),
                                                      execution.clock(), connections_);
  }
  planner_ = std::make_unique<SeccompPlanner>(*supervisor_, execution.topology(), options);
}

Status Interception::start_proxies() {
  if (!execution_.topology().any_proxied() || execution_.options().controlled) return {};
  proxies_ = std::make_unique<ProxyServer>(execution_.topology(), execution_.protocol_faults(),
                                           execution_.clock());
  router_ = FB_TRY(ConnectRouter::create(loop_, execution_.topology(), *proxies_));
  routed_net_ = std::make_unique<RoutedNet>(sockets_, *router_);
  supervisor_->set_router(router_.get());
  return {};
}

Status Interception::WholeCut::enforce(const PartitionSet& partitions) {
  FB_TRY(whole_.cut_.enforce(partitions));
  if (whole_.proxies_ != nullptr) whole_.proxies_->partitioned(partitions);
  return {};
}

Net& Interception::net() {
  if (routed_net_ != nullptr) return *routed_net_;
  if (controlled_net_ != nullptr) return *controlled_net_;
  if (followed_net_ != nullptr) return *followed_net_;
  return sockets_;
}

}  // namespace fb::cli
