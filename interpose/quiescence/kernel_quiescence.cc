#include "interpose/quiescence/kernel_quiescence.h"

#include <algorithm>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

namespace fb {
namespace {

constexpr int kSupervisorPriority = 1;  // below the services' (planner.cc)
// How long to sleep at most while a service works; a notification ends the sleep. Only how often it
// is looked again depends on it.
constexpr int kLookAgainMs = 1;

bool busy(char state) {
  return state == 'R' || state == 'D';
}

}  // namespace

KernelQuiescence::KernelQuiescence(Supervisor& supervisor, ServiceModel& model, Options options)
    : supervisor_(supervisor),
      model_(model),
      options_(std::move(options)),
      barrier_(SoftirqBarrier::create()) {
  old_policy_ = sched_getscheduler(0);
  sched_getparam(0, &old_param_);
  sched_getaffinity(0, sizeof old_cpus_, &old_cpus_);
  // Same core either way: a notification across cores costs ten times as much.
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<size_t>(sched_getcpu()), &one);
  sched_setaffinity(0, sizeof one, &one);
  if (options_.want_realtime) enter_realtime();
}

void KernelQuiescence::enter_realtime() {
  // On a kernel that is not fully preemptible the order of classes is all that is needed.
  sched_param param{};
  param.sched_priority = kSupervisorPriority;
  realtime_ = sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param) == 0;
}

KernelQuiescence::~KernelQuiescence() {
  if (realtime_) sched_setscheduler(0, old_policy_, &old_param_);
  sched_setaffinity(0, sizeof old_cpus_, &old_cpus_);
}

std::vector<ThreadState> KernelQuiescence::pass(bool counters) {
  const std::vector<int> processes = supervisor_.live_processes();
  return states_.read({.processes = processes,
                       .births = supervisor_.births(),
                       .counters = counters,
                       .skip = [this](int tid) { return supervisor_.is_parked(tid); }});
}

bool KernelQuiescence::quiet_now() {
  const std::vector<ThreadState> first = pass(!realtime_);
  if (std::any_of(first.begin(), first.end(), [](const ThreadState& s) { return busy(s.state); }))
    return false;
  if (realtime_) return true;
  const std::vector<ThreadState> second = pass(true);
  return std::equal(first.begin(), first.end(), second.begin(), second.end(),
                    [](const ThreadState& a, const ThreadState& b) { return a.same(b); });
}

Status KernelQuiescence::check_runaways(const std::vector<ThreadState>& start) {
  for (const ThreadState& now : pass(true)) {
    if (now.state != 'R') continue;
    const auto before = std::find_if(start.begin(), start.end(),
                                     [&](const ThreadState& s) { return s.tid == now.tid; });
    const uint64_t used = now.cpu_ns - (before == start.end() ? 0 : before->cpu_ns);
    if (used < static_cast<uint64_t>(options_.spin_limit.count())) continue;
    const auto actor = supervisor_.actor_of(now.tid);
    const std::string name =
        actor && options_.name ? options_.name(*actor) : fmt::format("thread {}", now.tid);
    return Error{
        Code::kTimeout,
        fmt::format("{} (pid {}) runs without system calls for {} of processor time; order "
                    "cannot be controlled (nondet() would let it run free)",
                    name, now.tid, format_duration(options_.spin_limit))};
  }
  return {};
}

Status KernelQuiescence::settle() {
  std::vector<ThreadState> start;
  for (uint64_t rounds = 0;; ++rounds) {
    supervisor_.drain();
    supervisor_.sweep();
    if (!quiet_now()) {
      if (start.empty()) start = pass(true);
      constexpr uint64_t kRoundsBetweenChecks = 64;
      if (rounds % kRoundsBetweenChecks == kRoundsBetweenChecks - 1) FB_TRY(check_runaways(start));
      std::vector<pollfd> listeners;
      for (int fd : supervisor_.listener_fds()) listeners.push_back({fd, POLLIN, 0});
      poll(listeners.data(), listeners.size(), kLookAgainMs);
      continue;
    }
    if (barrier_.ok() && !barrier_->passed()) {
      poll(nullptr, 0, kLookAgainMs);
      continue;
    }
    // What was on its way may have woken somebody.
    if (supervisor_.drain() != 0 || (barrier_.ok() && !quiet_now())) continue;
    model_.quiet();
    if (supervisor_.settle_internal()) {
      start.clear();
      continue;
    }
    // Whoever forks and execs for us is not in our class: let it have the core.
    if (supervisor_.launching()) poll(nullptr, 0, kLookAgainMs);
    return {};
  }
}

}  // namespace fb
