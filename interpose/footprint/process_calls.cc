// Processes, threads, signals, time and futexes.
#include "interpose/footprint/service_model.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <ctime>
#include <fmt/format.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fb {
namespace {

using Context = ServiceModel::Context;
using Handling = CallModel::Handling;

Handling is_local(Context&) {
  return Handling::kLocal;
}

ObjectKey births(const std::string& of) {
  return object_key(object::named("births", of));
}
// Ends of children: each by itself, for whom waits for just that one, and all of a parent's, for
// who takes any.
ObjectKey exits_of(const std::string& parent) {
  return object_key(object::named("exits", parent));
}
ObjectKey exit_of(const std::string& child) {
  return object_key(object::named("exit", child));
}

std::string service_text(const Context& c) {
  return fmt::format("{}", c.process().service.value);
}

// --- birth

bool makes_thread(const Context& c) {
  if (c.name() == "clone") return (c.arg(0) & CLONE_THREAD) != 0;
  if (c.name() != "clone3") return false;
  const auto args = c.call.target.read_value<clone_args>(c.arg(0));
  return args && (args->flags & CLONE_THREAD) != 0;
}

// Numbers are given in order of creation, so creations of one number space do not commute.
bool probe_spawn(Context& c) {
  const bool thread = makes_thread(c);
  const std::string space = thread ? c.process().text() : service_text(c);
  c.operation.key = thread ? "thread" : "process";
  c.footprint().write(births(space));
  return true;
}

bool probe_exec(Context& c) {
  c.operation.key = c.operation.path;
  if (!c.model.is_untouched_system(c.operation.path)) {
    const Entry entry = look_up(c.call.target, c.model.names(), c.operation.path, true);
    c.operation.key = entry.name();
    c.footprint().read(object::entry(entry.name()));
  }
  close_descriptors(c, true);
  return true;
}

// --- death

std::optional<int> stat_field(std::string_view stat, int number) {
  // The command name may hold anything; what follows its last ')' does not.
  size_t at = stat.rfind(')');
  if (at == std::string_view::npos) return std::nullopt;
  for (int field = 2; field < number; ++field) {
    at = stat.find(' ', at + 1);
    if (at == std::string_view::npos) return std::nullopt;
  }
  int value = 0;
  std::from_chars(stat.data() + at + 1, stat.data() + stat.size(), value);
  return value;
}

char state_of(std::string_view stat) {
  const size_t at = stat.rfind(')');
  return at != std::string_view::npos && at + 2 < stat.size() ? stat[at + 2] : '?';
}

// Who is told of the end of this process: its parent, when that is supervised too.
std::string parent_text(const Context& c) {
  const auto stat = c.call.target.text("stat");
  const auto parent = stat ? stat_field(*stat, 4) : std::nullopt;
  return parent ? c.model.process_text(*parent) : "";
}

bool probe_exit_group(Context& c) {
  c.operation.key = "exit";
  const std::string parent = parent_text(c);
  if (!parent.empty()) {
    c.footprint().add(exits_of(parent));
    c.footprint().provides.push_back({exits_of(parent), AccessMode::kAdd});
    c.footprint().write(exit_of(c.process().text()));
    c.footprint().provides.push_back({exit_of(c.process().text())});
  }
  close_descriptors(c, false);
  return true;
}

struct Children {
  bool any = false;    // that the call could mean
  bool ended = false;  // one of them has
  std::string name;    // of the one that is meant, if just one can be
};

// The pid as the child itself sees it: what the parent, in the same namespace, calls it by.
int inner_pid(const Target& child) {
  const auto status = child.text("status");
  if (!status) return 0;
  constexpr std::string_view kKey = "\nNSpid:";
  const size_t at = status->find(kKey);
  if (at == std::string::npos) return child.tid();
  const size_t end = status->find('\n', at + 1);
  const size_t last = status->find_last_of("\t ", end);
  int pid = 0;
  std::from_chars(status->data() + last + 1, status->data() + end, pid);
  return pid;
}

Children children_of(const Context& c, int wanted) {
  Children found;
  for (const int pid : child_pids(c.call.target.tgid())) {
    const auto child = Target::open(pid);
    if (!child || (wanted > 0 && inner_pid(*child) != wanted)) continue;
    found.any = true;
    if (wanted > 0) found.name = c.model.process_text(pid);
    const auto stat = child->text("stat");
    if (!stat || state_of(*stat) == 'Z') found.ended = true;
  }
  return found;
}

bool probe_wait(Context& c) {
  const bool by_id = c.name() == "waitid";
  int wanted = 0;  // any; process groups are any, too
  bool told_by_fd = false;
  if (by_id) {
    if (c.arg(0) == P_PID) wanted = c.fd(1);
    told_by_fd = c.arg(0) == P_PIDFD;
  } else if (c.fd(0) > 0) {
    wanted = c.fd(0);
  }
  const auto options = static_cast<int>(by_id ? c.arg(3) : c.arg(2));
  Children children = children_of(c, wanted);
  if (told_by_fd) {
    const auto events = poll_now(c.call.target, c.fd(1), POLLIN);
    children = {events.has_value(), events.value_or(0) != 0, {}};
  }
  c.operation.key = "children";
  const ObjectKey key =
      children.name.empty() ? exits_of(c.process().text()) : exit_of(children.name);
  const bool waits = (options & WNOHANG) == 0;
  if (children.ended)
    c.footprint().write(key);
  else
    c.footprint().read(key);
  if (waits && children.any) c.footprint().needs.push_back({key});
  return children.ended || !children.any || !waits;
}

// --- signals

// Runtimes signal their own threads to stop or preempt them; that is their own affair. To others,
// a signal may come between any two of their steps.
Handling signals(Context& c) {
  const std::string_view call = c.name();
  if (call == "tgkill" && c.fd(0) == inner_pid(c.call.target)) return Handling::kLocal;
  if (call == "tkill") return Handling::kLocal;
  return Handling::kVisible;
}

bool probe_signal(Context& c) {
  c.operation.key = "signal";
  c.footprint().everything();
  return true;
}

// --- time

std::optional<Duration> duration_of(const std::optional<timespec>& t) {
  if (!t) return std::nullopt;
  constexpr int64_t kMaxSeconds = INT64_MAX / 1'000'000'000 - 1;
  if (t->tv_sec > kMaxSeconds) return std::nullopt;
  return std::chrono::seconds(t->tv_sec) + std::chrono::nanoseconds(t->tv_nsec);
}

std::optional<Duration> until(clockid_t clock, const std::optional<timespec>& t) {
  timespec now{};
  const auto deadline = duration_of(t);
  if (!deadline || clock_gettime(clock, &now) != 0) return std::nullopt;
  return *deadline - *duration_of(now);
}

std::optional<timespec> timespec_at(const ModelledCall& call, int position) {
  const uint64_t address = call.arguments.values[static_cast<size_t>(position)];
  return address == 0 ? std::nullopt : call.target.read_value<timespec>(address);
}

// A runtime's helper thread that looks around every few microseconds (Go's sysmon) must be let look
// before it can be said that its process waits.
Handling sleeps(Context& c) {
  constexpr Duration kShort = std::chrono::milliseconds(10);
  const auto limit = wait_limit(c.call);
  if (limit && *limit <= Duration::zero()) return Handling::kLocal;
  return c.call.actor.thread != 0 && limit && *limit <= kShort ? Handling::kInternal
                                                               : Handling::kVisible;
}

bool probe_sleep(Context& c) {
  c.operation.key = "sleep";
  if (c.call.timed_out) return true;
  return sleeps(c) == Handling::kInternal && c.model.another_pause(c.call.actor);
}

// Time has passed on the Clock; the kernel is not asked to wait for it again. A call that is let go
// early (the order is free again) still sleeps.
Decision sleep_goes(Context& c) {
  const bool paused = sleeps(c) == Handling::kInternal;
  return c.call.timed_out || paused ? Decision{Return{}} : Decision{Allow{}};
}

// --- futexes

int futex_operation(const Context& c) {
  return c.fd(1) & FUTEX_CMD_MASK;
}

Handling waits_futex(Context& c) {
  const int operation = futex_operation(c);
  return operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET ? Handling::kInternal
                                                                   : Handling::kLocal;
}

// Who wakes a futex has changed its word before (glibc, Go, the JVM and CPython all do), and the
// kernel clears the word of a thread that ends.
bool futex_changed(const Context& c) {
  const auto word = c.call.target.read_value<uint32_t>(c.arg(0));
  return !word || *word != static_cast<uint32_t>(c.arg(2));
}

bool probe_futex(Context& c) {
  return c.call.timed_out || futex_changed(c);
}

Decision futex_goes(Context& c) {
  if (c.call.timed_out && !futex_changed(c)) return Deny{ETIMEDOUT};
  return Allow{};
}

constexpr ServiceModel::Row kRows[] = {
    {"clock_nanosleep", sleeps, probe_sleep, sleep_goes},
    {"clone", nullptr, probe_spawn},
    {"clone3", nullptr, probe_spawn},
    {"execve", nullptr, probe_exec},
    {"execveat", nullptr, probe_exec},
    {"exit", is_local, nullptr},
    {"exit_group", nullptr, probe_exit_group},
    {"fork", nullptr, probe_spawn},
    {"futex", waits_futex, probe_futex, futex_goes},
    {"kill", signals, probe_signal},
    {"nanosleep", sleeps, probe_sleep, sleep_goes},
    {"pause", is_local, nullptr},
    {"pidfd_send_signal", signals, probe_signal},
    {"rt_sigqueueinfo", signals, probe_signal},
    {"rt_sigsuspend", is_local, nullptr},
    {"rt_sigtimedwait", is_local, nullptr},
    {"tgkill", signals, probe_signal},
    {"tkill", signals, probe_signal},
    {"vfork", nullptr, probe_spawn},
    {"wait4", nullptr, probe_wait},
    {"waitid", nullptr, probe_wait},
};

}  // namespace

std::optional<Duration> wait_limit(const ModelledCall& call) {
  const std::string_view name = row_of(call.arguments.call).name;
  const auto& a = call.arguments.values;
  auto milliseconds = [](uint64_t argument) -> std::optional<Duration> {
    const auto value = static_cast<int32_t>(argument);
    return value < 0 ? std::nullopt : std::optional<Duration>(std::chrono::milliseconds(value));
  };
  if (name == "nanosleep") return duration_of(timespec_at(call, 0));
  if (name == "clock_nanosleep") {
    const bool absolute = (a[1] & TIMER_ABSTIME) != 0;
    return absolute ? until(static_cast<clockid_t>(a[0]), timespec_at(call, 2))
                    : duration_of(timespec_at(call, 2));
  }
  if (name == "futex") {
    const auto operation = static_cast<int>(a[1]);
    const auto t = timespec_at(call, 3);
    if ((operation & FUTEX_CMD_MASK) == FUTEX_WAIT) return duration_of(t);
    const bool wall = (operation & FUTEX_CLOCK_REALTIME) != 0;
    return until(wall ? CLOCK_REALTIME : CLOCK_MONOTONIC, t);
  }
  if (name == "poll") return milliseconds(a[2]);
  if (name == "epoll_wait" || name == "epoll_pwait") return milliseconds(a[3]);
  if (name == "epoll_pwait2") return duration_of(timespec_at(call, 3));
  if (name == "ppoll") return duration_of(timespec_at(call, 2));
  if (name == "pselect6") return duration_of(timespec_at(call, 4));
  if (name == "select") {
    const auto t = a[4] == 0 ? std::nullopt : call.target.read_value<timeval>(a[4]);
    if (!t) return std::nullopt;
    return duration_of(timespec{t->tv_sec, t->tv_usec * 1000});
  }
  return std::nullopt;
}

std::span<const ServiceModel::Row> process_rows() {
  return kRows;
}

}  // namespace fb
