#include "cli/interception.h"

#include "core/base/check.h"

namespace fb::cli {

void Interception::bind(Execution& execution) {
  supervisor_ =
      std::make_unique<Supervisor>(loop_, execution.scheduler(), execution.clock(), nullptr);
  planner_ = std::make_unique<SeccompPlanner>(*supervisor_, execution.topology(),
                                              SeccompPlanner::Options{});
}

Result<std::unique_ptr<FilterPlan>> Interception::plan(const LaunchSpec& spec, int handoff_fd) {
  FB_CHECK(planner_ != nullptr);
  return planner_->plan(spec, handoff_fd);
}

std::vector<std::string> Interception::notes() const {
  return planner_ == nullptr ? std::vector<std::string>{} : planner_->notes();
}

}  // namespace fb::cli
