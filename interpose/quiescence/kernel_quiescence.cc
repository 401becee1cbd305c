#include "interpose/quiescence/kernel_quiescence.h"

#include "interpose/seccomp/filter.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace fb {
namespace {

constexpr int kSupervisorPriority = 1;  // below the services' (planner.cc)
// How long to sleep at most while a service works; a notification ends the sleep. Only how often it
// is looked again depends on it.
constexpr int kLookAgainMs = 1;

uint64_t number_at(std::string_view text, size_t at) {
  uint64_t value = 0;
  std::from_chars(text.data() + at, text.data() + text.size(), value);
  return value;
}

// A parent stopped in vfork sleeps uninterruptibly until its child execs or ends: its child's
// doing, not a disk's. A plain fork does not: it may wait for its own memory map to be free, and
// goes on by itself.
bool waits_for_child(const Target& process, int tid) {
  // "NUMBER 0xARG0 0xARG1 …", or "running" (proc(5)).
  const auto text = process.text(fmt::format("task/{}/syscall", tid).c_str());
  if (!text) return false;
  const auto call = syscall_of_number(static_cast<int>(number_at(*text, 0)));
  if (!call) return false;
  const std::string_view name = row_of(*call).name;
  if (name == "vfork") return true;
  if (name != "clone" && name != "clone3") return false;
  const size_t first = text->find("0x");
  if (first == std::string::npos) return false;
  uint64_t flags = 0;
  std::from_chars(text->data() + first + 2, text->data() + text->size(), flags, 16);
  // clone3 takes a structure whose first member are the flags.
  if (name == "clone3") flags = process.read_value<uint64_t>(flags).value_or(0);
  return (flags & CLONE_VFORK) != 0;
}

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

std::vector<KernelQuiescence::Seen> KernelQuiescence::pass() const {
  std::vector<Seen> seen;
  for (const int tgid : supervisor_.live_processes()) {
    const auto process = Target::open(tgid);
    if (!process) continue;
    for (const int tid : thread_ids(*process)) {
      if (supervisor_.is_parked(tid)) continue;
      Seen thread{.tid = tid};
      const auto stat = process->text(fmt::format("task/{}/stat", tid).c_str());
      if (!stat) continue;
      const size_t name_end = stat->rfind(')');
      if (name_end != std::string::npos && name_end + 2 < stat->size())
        thread.state = (*stat)[name_end + 2];
      if (thread.state == 'D' && waits_for_child(*process, tid)) thread.state = 'S';
      // "CPU-NS WAIT-NS TIMES-RUN"
      if (const auto counts = process->text(fmt::format("task/{}/schedstat", tid).c_str())) {
        thread.cpu_ns = number_at(*counts, 0);
        thread.runs = number_at(*counts, counts->rfind(' ') + 1);
      }
      seen.push_back(thread);
    }
  }
  return seen;
}

bool KernelQuiescence::quiet_now() {
  const std::vector<Seen> first = pass();
  if (std::any_of(first.begin(), first.end(), [](const Seen& s) { return busy(s.state); }))
    return false;
  if (realtime_) return true;
  const std::vector<Seen> second = pass();
  return std::equal(first.begin(), first.end(), second.begin(), second.end(),
                    [](const Seen& a, const Seen& b) { return a.same(b); });
}

Status KernelQuiescence::check_runaways(const std::vector<Seen>& start) {
  for (const Seen& now : pass()) {
    if (now.state != 'R') continue;
    const auto before =
        std::find_if(start.begin(), start.end(), [&](const Seen& s) { return s.tid == now.tid; });
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
  std::vector<Seen> start;
  for (uint64_t rounds = 0;; ++rounds) {
    supervisor_.drain();
    supervisor_.sweep();
    if (!quiet_now()) {
      if (start.empty()) start = pass();
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
