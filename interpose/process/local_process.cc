#include "interpose/process/local_process.h"

#include "core/base/check.h"
#include "interpose/process/blocked_calls.h"
#include "interpose/process/init_process.h"
#include "interpose/process/listening.h"
#include "interpose/process/process_tree.h"
#include "interpose/sys/posix.h"

#include <algorithm>
#include <array>
#include <set>
#include <signal.h>
#include <sys/socket.h>

namespace fb {
namespace {

// How long the kernel may take to end processes that got SIGKILL, before we go on without them.
constexpr Duration kKillLimit = std::chrono::seconds(10);

}  // namespace

LocalProcess::LocalProcess(EpollLoop& loop, ProcessListener& listener, Parts parts)
    : loop_(loop), listener_(listener), parts_(std::move(parts)) {
  outputs_[0].pipe = std::move(parts_.out);
  outputs_[1].pipe = std::move(parts_.err);
}

LocalProcess::~LocalProcess() {
  end();
}

// Without a fiber and without the listener: neither may be there any more.
void LocalProcess::end() {
  events_watch_.reset();
  init_watch_.reset();
  for (Output& output : outputs_) output.watch.reset();
  if (gone_) return;
  if (parts_.pid_namespace) {
    // The kernel ends the whole namespace before the init can be reaped.
    (void)posix::pidfd_send_signal(parts_.init.get(), SIGKILL);
  }
  parts_.commands.reset();  // a subreaper ends everything when this closes
  const std::array fds{parts_.init.get()};
  const auto ended = posix::poll_readable(fds, kKillLimit);
  if (ended.ok() && ended.value()[0]) (void)posix::wait_for(parts_.init.get());
  gone_ = true;
}

bool LocalProcess::await(const std::function<bool()>& condition, Duration limit) {
  Fiber* self = FiberPool::current();
  FB_CHECK(self != nullptr);
  struct Waiting {  // also if the fiber is cancelled
    std::vector<Fiber*>& waiters;
    Fiber* self;
    Waiting(std::vector<Fiber*>& list, Fiber* fiber) : waiters(list), self(fiber) {
      waiters.push_back(self);
    }
    ~Waiting() { std::erase(waiters, self); }
  } waiting(waiters_, self);
  bool late = false;
  std::unique_ptr<Timer> timer;
  if (limit < Duration::max()) {
    timer = loop_.after(limit, [&late, self] {
      late = true;
      FiberPool::wake(*self);
    });
  }
  while (!condition() && !late) FiberPool::park();
  return condition();
}

void LocalProcess::wake_waiters() {
  for (Fiber* fiber : waiters_) FiberPool::wake(*fiber);
}

Status LocalProcess::await_started(Duration limit) {
  if (!loop_.await_readable(parts_.events.get(), limit))
    return Error{Code::kTimeout, "its init process does not answer"};
  InitEvent event;
  auto message = FB_TRY(
      posix::receive_with_fd(parts_.events.get(), std::as_writable_bytes(std::span(&event, 1))));
  if (message.size != sizeof event || event.kind != InitEvent::kStarted)
    return failed("its init process ended early");
  main_ = std::move(message.fd);
  pid_ = FB_TRY(posix::pid_of(main_.get()));
  return {};
}

void LocalProcess::go_live() {
  for (const bool is_stderr : {false, true}) {
    Output& output = outputs_[is_stderr];
    if (!output.pipe) continue;  // passed on, not read
    // A bounded bite, so that a service that never stops writing does not keep the loop.
    output.watch = loop_.watch(output.pipe.get(), {true, false},
                               [this, is_stderr](Ready) { drain(is_stderr, 1 << 18); });
  }
  events_watch_ = loop_.watch(parts_.events.get(), {true, false}, [this](Ready) { on_event(); });
  init_watch_ = loop_.watch(parts_.init.get(), {true, false}, [this](Ready) { on_init_end(); });
}

void LocalProcess::drain(bool is_stderr, size_t at_most) {
  Output& output = outputs_[is_stderr];
  std::array<std::byte, 1 << 16> buffer;
  while (output.pipe && at_most > 0) {
    const auto n = posix::read_some(output.pipe.get(),
                                    std::span(buffer).first(std::min(buffer.size(), at_most)));
    if (n.ok() && !n.value()) return;  // nothing more for now
    if (!n.ok() || *n.value() == 0) {
      output.watch.reset();
      output.pipe.reset();
      return;
    }
    at_most -= *n.value();
    listener_.output(parts_.service, is_stderr,
                     {reinterpret_cast<const char*>(buffer.data()), *n.value()});
  }
}

// What was written before the end is heard before it. A pipe holds a megabyte at most; more than
// that comes from somebody who still writes.
void LocalProcess::drain_outputs() {
  for (const bool is_stderr : {false, true}) drain(is_stderr, 1 << 20);
}

void LocalProcess::on_event() {
  InitEvent event;
  const auto message =
      posix::receive_with_fd(parts_.events.get(), std::as_writable_bytes(std::span(&event, 1)));
  if (message.ok() && message.value().none) return;
  if (!message.ok() || message.value().size != sizeof event) {
    events_watch_.reset();  // its end; the pidfd says the rest
    return;
  }
  if (event.kind != InitEvent::kExited || exit_) return;
  drain_outputs();
  exit_ = posix::exit_state_of(event.value);
  wake_waiters();
  listener_.exited(parts_.service, *exit_);
}

void LocalProcess::on_init_end() {
  while (events_watch_ != nullptr) {  // what it said last
    const bool knew = exit_.has_value();
    on_event();
    if (exit_.has_value() == knew && events_watch_ != nullptr) break;
  }
  events_watch_.reset();
  init_watch_.reset();
  (void)posix::wait_for(parts_.init.get());
  gone_ = true;
  drain_outputs();
  for (Output& output : outputs_) {
    output.watch.reset();
    output.pipe.reset();
  }
  wake_waiters();
  if (!exit_) {
    // The init was killed, and the kernel killed the rest with it.
    exit_ = ExitState{true, SIGKILL};
    listener_.exited(parts_.service, *exit_);
  }
}

Status LocalProcess::signal_all(int signal) {
  if (gone_) return Error{Code::kGone, "no process is left"};
  const int32_t command = signal;
  FB_TRY(posix::send_all(parts_.commands.get(), std::as_bytes(std::span(&command, 1))));
  // Blocking on purpose: the signals are sent when this returns, not some time later.
  const std::array fds{parts_.commands.get()};
  if (!FB_TRY(posix::poll_readable(fds, kKillLimit))[0])
    return Error{Code::kTimeout, "the init process of the service does not answer"};
  int32_t answer = 0;
  FB_TRY(posix::receive_all(parts_.commands.get(), std::as_writable_bytes(std::span(&answer, 1))));
  if (answer < 0) return posix::error_of(-answer, "cannot send " + signal_name(signal));
  return {};
}

Status LocalProcess::signal_main(int signal) {
  return posix::pidfd_send_signal(main_.get(), signal);
}

void LocalProcess::await_stop(Duration grace) {
  const auto gone = [this] { return gone_; };
  if (gone_) return;
  // Failures here mean that the end is already under way, or that harder means follow.
  if (signal_all(SIGTERM).ok() && await(gone, grace)) return;
  if (gone_) return;
  if (signal_all(SIGKILL).ok() && await(gone, kKillLimit / 2)) return;
  if (gone_) return;
  if (parts_.pid_namespace) (void)posix::pidfd_send_signal(parts_.init.get(), SIGKILL);
  await(gone, kKillLimit / 2);
}

bool LocalProcess::ending() {
  return !exit_ && pid_ > 0 && is_exiting(pid_);
}

bool LocalProcess::await_exit(Duration limit) {
  return await([this] { return exit_.has_value(); }, limit);
}

std::vector<pid_t> LocalProcess::pids() const {
  if (gone_) return {};
  const auto init = posix::pid_of(parts_.init.get());
  return init.ok() ? descendants_of(init.value()) : std::vector<pid_t>{};
}

std::vector<ListeningSocket> LocalProcess::listeners(WantedPort port) const {
  if (gone_) return {};
  auto sockets = listening_sockets(port);
  // Who has a port of a private network need not be found out; which ports are ours, must.
  if (sockets.empty() || (port && parts_.private_network)) return sockets;
  std::set<uint64_t> ours;
  for (const pid_t pid : pids()) ours.merge(sockets_of(pid));
  std::erase_if(sockets, [&](const ListeningSocket& one) { return !ours.contains(one.inode); });
  return sockets;
}

bool LocalProcess::listens_on(uint16_t port) {
  return !listeners(port).empty();
}

bool LocalProcess::has_unaccepted(uint16_t port) {
  const auto sockets = listeners(port);
  return std::any_of(sockets.begin(), sockets.end(),
                     [](const ListeningSocket& one) { return one.unaccepted > 0; });
}

std::vector<std::string> LocalProcess::listening_addresses() {
  std::vector<std::string> addresses;
  for (const ListeningSocket& socket : listeners(std::nullopt))
    addresses.push_back(socket.address.text());
  std::sort(addresses.begin(), addresses.end());
  return addresses;
}

std::vector<std::string> LocalProcess::blocked_in() {
  return blocked_calls(pids());
}

}  // namespace fb
