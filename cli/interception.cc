#include "cli/interception.h"

namespace fb::cli {

Interception::Interception(EpollLoop& loop, Execution& execution) : sockets_(loop) {
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

Net& Interception::net() {
  if (controlled_net_ != nullptr) return *controlled_net_;
  if (followed_net_ != nullptr) return *followed_net_;
  return sockets_;
}

}  // namespace fb::cli
