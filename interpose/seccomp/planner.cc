#include "interpose/seccomp/planner.h"

#include "interpose/seccomp/filter.h"
#include "interpose/seccomp/handover.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <optional>
#include <sched.h>
#include <sys/resource.h>

namespace fb {
namespace {

// Above the supervisor's (interpose/quiescence), so that it runs only when all of these wait.
constexpr int kTargetPriority = 2;

class SeccompPlan final : public FilterPlan {
 public:
  SeccompPlan(Supervisor& supervisor, Supervision supervision, FilterProgram program,
              bool may_yield, std::optional<Duration> realtime)
      : supervisor_(supervisor),
        supervision_(supervision),
        program_(std::move(program)),
        may_yield_(may_yield),
        realtime_(realtime) {
    supervisor_.launch_begins();
  }
  ~SeccompPlan() override {
    if (!arrived_) supervisor_.launch_ends();
  }

  int enter_schedule() override {
    if (!realtime_) return 0;
    const auto us = static_cast<rlim_t>(*realtime_ / std::chrono::microseconds(1));
    const rlimit limit{us, RLIM_INFINITY};
    if (setrlimit(RLIMIT_RTTIME, &limit) != 0) return errno;
    sched_param param{};
    param.sched_priority = kTargetPriority;
    return sched_setscheduler(0, SCHED_RR, &param) == 0 ? 0 : errno;
  }

  int install_and_send(int handoff_fd) override {
    if (program_.code.empty()) return 0;
    return install_and_hand_over({.code = program_.code,
                                  .wait_killable = seccomp_features().wait_killable,
                                  .may_yield = may_yield_},
                                 handoff_fd);
  }

  void listener_arrived(int pid, Fd listener) override {
    arrived_ = true;
    supervisor_.launch_ends();
    supervisor_.adopt(supervision_, pid, std::move(listener));
  }

 private:
  Supervisor& supervisor_;
  Supervision supervision_;
  FilterProgram program_;
  bool may_yield_;
  std::optional<Duration> realtime_;  // and how long a thread may spin in it
  bool arrived_ = false;
};

}  // namespace

Result<std::unique_ptr<FilterPlan>> SeccompPlanner::plan(const LaunchSpec& spec,
                                                         int /*handoff_fd*/) {
  SyscallSet notify = spec.notify;
  if (spec.route_connects) {
    for (std::string_view name : {"connect", "getpeername"})
      if (const auto call = find_syscall(name)) notify.insert(*call);
  }
  FilterProgram program = FB_TRY(build_filter(
      {.notify = notify, .deny_io_uring = spec.deny_io_uring, .controlled = spec.controlled}));
  if (program.code.empty()) return std::unique_ptr<FilterPlan>{};
  const SeccompFeatures& features = seccomp_features();
  if (!features.listener)
    return Error{Code::kUnavailable,
                 "this kernel has no seccomp user notification (Linux 5.0 or later is needed)"};
  if (!features.wait_killable)
    note("this kernel (before Linux 5.19) loses the answer to a held call when a signal arrives");
  for (const std::string& name : program.skipped)
    note(fmt::format("{} does not exist on this architecture", name));
  Supervision supervision{.service = spec.service,
                          .recorded = topology_.at(spec.service).recorded,
                          .decode = options_.decode,
                          .deny_io_uring = spec.deny_io_uring,
                          .controlled = spec.controlled,
                          .routed = spec.route_connects};
  std::optional<Duration> realtime;
  if (options_.realtime && spec.controlled) realtime = options_.spin_limit;
  const auto yield = find_syscall("sched_yield");
  const bool may_yield = !yield || !spec.notify.contains(*yield);
  return std::unique_ptr<FilterPlan>(std::make_unique<SeccompPlan>(
      supervisor_, std::move(supervision), std::move(program), may_yield, realtime));
}

void SeccompPlanner::note(std::string text) {
  if (std::find(notes_.begin(), notes_.end(), text) == notes_.end())
    notes_.push_back(std::move(text));
}

}  // namespace fb
