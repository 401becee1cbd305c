#include "interpose/seccomp/planner.h"

#include "interpose/seccomp/filter.h"
#include "interpose/seccomp/handover.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <linux/capability.h>
#include <optional>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace fb {
namespace {

// Above the supervisor's (interpose/quiescence), so that it runs only when all of these wait.
constexpr int kTargetPriority = 2;

// CAP_SYS_ADMIN in our user namespace, and with it in the service's.
bool may_filter_without_no_new_privs() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, data) != 0) return false;
  return (data[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective & CAP_TO_MASK(CAP_SYS_ADMIN)) != 0;
}

bool is_set_user_id(const std::string& binary) {
  struct stat info {};
  return stat(binary.c_str(), &info) == 0 && (info.st_mode & (S_ISUID | S_ISGID)) != 0;
}

class SeccompPlan final : public FilterPlan {
 public:
  SeccompPlan(Supervisor& supervisor, Supervision supervision, FilterProgram program,
              bool may_yield, bool no_new_privs, std::optional<Duration> realtime)
      : supervisor_(supervisor),
        supervision_(supervision),
        program_(std::move(program)),
        may_yield_(may_yield),
        no_new_privs_(no_new_privs),
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
                                  .no_new_privs = no_new_privs_,
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
  bool no_new_privs_;
  std::optional<Duration> realtime_;  // and how long a thread may spin in it
  bool arrived_ = false;
};

}  // namespace

Result<std::unique_ptr<FilterPlan>> SeccompPlanner::plan(const LaunchSpec& spec,
                                                         int /*handoff_fd*/) {
  SyscallSet also = spec.followed ? Follower::calls() : SyscallSet{};
  if (spec.route_connects) {
    for (std::string_view name : {"connect", "getpeername"})
      if (const auto call = find_syscall(name)) also.insert(*call);
  }
  // Refused, and told so.
  if (const auto io_uring = find_syscall("io_uring_setup"); io_uring && spec.deny_io_uring)
    also.insert(*io_uring);
  // Where order is controlled everybody stands still while names are read, and the price of a call
  // is another one.
  const bool keep_names = !spec.controlled && KeptNames::pay_for(spec.notify);
  if (keep_names) also.merge(KeptNames::calls_to_see());
  FilterProgram program = FB_TRY(build_filter({.notify = spec.notify,
                                               .deny_io_uring = spec.deny_io_uring,
                                               .also = also,
                                               .controlled = spec.controlled}));
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
                          .keep_names = keep_names,
                          .controlled = spec.controlled,
                          .followed = spec.followed,
                          .routed = spec.route_connects};
  // With it a filter needs no rights, and set-user-ID programs stay who they are.
  const bool no_new_privs = !may_filter_without_no_new_privs();
  if (no_new_privs && is_set_user_id(spec.binary))
    note(
        fmt::format("the set-user-ID bit of {} is ignored: without the rights of root a filter "
                    "needs no_new_privs",
                    spec.binary));
  std::optional<Duration> realtime;
  if (options_.realtime && spec.controlled) realtime = options_.spin_limit;
  const auto yield = find_syscall("sched_yield");
  const bool may_yield = !yield || !spec.notify.contains(*yield);
  return std::unique_ptr<FilterPlan>(std::make_unique<SeccompPlan>(
      supervisor_, std::move(supervision), std::move(program), may_yield, no_new_privs, realtime));
}

void SeccompPlanner::note(std::string text) {
  if (std::find(notes_.begin(), notes_.end(), text) == notes_.end())
    notes_.push_back(std::move(text));
}

}  // namespace fb
