// The calls of one execution's services, from the kernel to its Scheduler: the supervisor with its
// filters and, where order is controlled, what it needs to tell which call may go. The launcher is
// there before the Scheduler it serves; so this is bound to it late.
#pragma once
#include "core/run/execution.h"
#include "interpose/process/filter_plan.h"
#include "interpose/seccomp/planner.h"
#include "interpose/seccomp/supervisor.h"
#include "interpose/sys/epoll_loop.h"

#include <memory>
#include <string>
#include <vector>

namespace fb::cli {

class Interception final : public FilterPlanner {
 public:
  explicit Interception(EpollLoop& loop) : loop_(loop) {}

  // Before the execution runs.
  void bind(Execution& execution);
  Result<std::unique_ptr<FilterPlan>> plan(const LaunchSpec& spec, int handoff_fd) override;
  // What the user should know of this kernel, each message once.
  std::vector<std::string> notes() const;

 private:
  EpollLoop& loop_;
  std::unique_ptr<Supervisor> supervisor_;
  std::unique_ptr<SeccompPlanner> planner_;
};

}  // namespace fb::cli
