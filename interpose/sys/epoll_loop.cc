#include "interpose/sys/epoll_loop.h"

#include "core/base/check.h"
#include "interpose/sys/posix.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <sys/epoll.h>
#include <time.h>

namespace fb {
namespace {

int64_t read_clock(clockid_t which) {
  timespec t{};
  FB_CHECK(::clock_gettime(which, &t) == 0);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

// What of the wanted is there.
Ready readiness(uint32_t events, Ready wanted) {
  const bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
  const bool readable = broken || (events & (EPOLLIN | EPOLLRDHUP)) != 0;
  const bool writable = broken || (events & EPOLLOUT) != 0;
  return {readable && wanted.readable, writable && wanted.writable};
}

}  // namespace

struct EpollLoop::Watched {
  struct Interest {
    Ready wanted;
    std::shared_ptr<std::function<void(Ready)>> on_ready;
  };
  int fd = -1;
  uint32_t armed = 0;  // events the kernel knows of; 0: not in the set
  std::map<uint64_t, Interest> watches;
};

EpollLoop::EpollLoop(Fd epoll) : epoll_(std::move(epoll)) {}
EpollLoop::~EpollLoop() = default;

Result<std::unique_ptr<EpollLoop>> EpollLoop::create() {
  Fd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return posix::error_of(errno, "cannot make an epoll set");
  return std::unique_ptr<EpollLoop>(new EpollLoop(std::move(epoll)));
}

Instant EpollLoop::now() const {
  return Instant{read_clock(CLOCK_MONOTONIC)};
}
int64_t EpollLoop::unix_time_ns() {
  return read_clock(CLOCK_REALTIME);
}

// --- timers

class EpollLoop::LoopTimer final : public Timer {
 public:
  LoopTimer(EpollLoop& loop, std::pair<Instant, uint64_t> key) : loop_(loop), key_(key) {}
  ~LoopTimer() override { loop_.timers_.erase(key_); }

 private:
  EpollLoop& loop_;
  std::pair<Instant, uint64_t> key_;
};

std::unique_ptr<Timer> EpollLoop::after(Duration delay, std::function<void()> fire) {
  FB_CHECK(fire != nullptr);
  const Instant start = now();
  const int64_t ns = std::max<int64_t>(delay.count(), 0);
  const Instant deadline = ns > kNever.ns - start.ns ? kNever : Instant{start.ns + ns};
  const std::pair key{deadline, next_timer_++};
  timers_.emplace(key, std::move(fire));
  return std::make_unique<LoopTimer>(*this, key);
}

bool EpollLoop::fire_due() {
  if (timers_.empty()) return false;
  const Instant until = now();
  const uint64_t armed_before = next_timer_;  // a timer that re-arms itself must not keep us here
  bool fired = false;
  for (auto it = timers_.begin(); it != timers_.end() && it->first.first <= until;) {
    if (it->first.second >= armed_before) {
      ++it;
      continue;
    }
    auto fire = std::move(it->second);
    timers_.erase(it);
    fire();
    fired = true;
    it = timers_.begin();  // what fired may have disarmed others
  }
  return fired;
}

std::optional<Duration> EpollLoop::until_next_timer() const {
  if (timers_.empty()) return {};
  return std::max(timers_.begin()->first.first - now(), Duration::zero());
}

// --- descriptors

std::unique_ptr<EpollLoop::Watch> EpollLoop::watch(int fd, Ready interest,
                                                   std::function<void(Ready)> on_ready) {
  FB_CHECK(fd >= 0 && on_ready != nullptr && (interest.readable || interest.writable));
  auto& watched = watched_[fd];
  if (watched == nullptr) {
    watched = std::make_unique<Watched>();
    watched->fd = fd;
  }
  const uint64_t number = next_watch_++;
  watched->watches.emplace(
      number, Watched::Interest{interest,
                                std::make_shared<std::function<void(Ready)>>(std::move(on_ready))});
  update(*watched);
  return std::unique_ptr<Watch>(new Watch(*this, fd, number));
}

EpollLoop::Watch::~Watch() {
  const auto it = loop_.watched_.find(fd_);
  FB_CHECK(it != loop_.watched_.end());
  it->second->watches.erase(number_);
  loop_.update(*it->second);
  if (it->second->watches.empty()) loop_.watched_.erase(it);
}

void EpollLoop::update(Watched& watched) {
  uint32_t wanted = 0;
  for (const auto& [number, watch] : watched.watches)
    wanted |= (watch.wanted.readable ? EPOLLIN | EPOLLRDHUP : 0u) |
              (watch.wanted.writable ? uint32_t{EPOLLOUT} : 0u);
  if (wanted == watched.armed) return;
  epoll_event event{};
  event.events = wanted;
  event.data.fd = watched.fd;
  const int operation = watched.armed == 0 ? EPOLL_CTL_ADD
                        : wanted == 0      ? EPOLL_CTL_DEL
                                           : EPOLL_CTL_MOD;
  FB_CHECK(::epoll_ctl(epoll_.get(), operation, watched.fd, &event) == 0);
  watched.armed = wanted;
}

bool EpollLoop::dispatch(std::optional<Duration> wait) {
  std::array<epoll_event, 64> events;
  timespec timeout{};
  if (wait) timeout = {wait->count() / 1'000'000'000, wait->count() % 1'000'000'000};
  const int n = ::epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()),
                               wait ? &timeout : nullptr, nullptr);
  if (n < 0) {
    FB_CHECK(errno == EINTR);
    return false;
  }

  if (n == 1) {
    const auto it = watched_.find(events[0].data.fd);
    if (it != watched_.end() && it->second->watches.size() == 1) {
      const Watched::Interest& only = it->second->watches.begin()->second;
      const Ready ready = readiness(events[0].events, only.wanted);
      if (!ready.readable && !ready.writable) return false;
      const auto on_ready = only.on_ready;  // keeps it alive if it ends its own watch
      (*on_ready)(ready);
      return true;
    }
  }

  // A callback may end watches, its own included, and make new ones for the same number: so look
  // each one up again when its turn comes.
  struct Due {
    uint64_t number;
    int fd;
    Ready ready;
    auto operator<=>(const Due& other) const { return number <=> other.number; }
  };
  std::vector<Due> due;
  for (int i = 0; i < n; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    const auto it = watched_.find(event.data.fd);
    if (it == watched_.end()) continue;
    for (const auto& [number, watch] : it->second->watches) {
      const Ready ready = readiness(event.events, watch.wanted);
      if (ready.readable || ready.writable) due.push_back({number, event.data.fd, ready});
    }
  }
  std::sort(due.begin(), due.end());
  for (const Due& one : due) {
    const auto it = watched_.find(one.fd);
    if (it == watched_.end()) continue;
    const auto watch = it->second->watches.find(one.number);
    if (watch == it->second->watches.end()) continue;
    const auto on_ready = watch->second.on_ready;  // keeps it alive if it ends its own watch
    (*on_ready)(one.ready);
  }
  return !due.empty();
}

bool EpollLoop::await(int fd, Ready interest, Duration limit) {
  Fiber* self = FiberPool::current();
  FB_CHECK(self != nullptr);
  bool ready = false;
  bool late = false;
  // The watch ends with the first event: level-triggered, it would spin until the fiber has run.
  std::unique_ptr<Watch> watching = watch(fd, interest, [&](Ready) {
    ready = true;
    watching.reset();
    FiberPool::wake(*self);
  });
  std::unique_ptr<Timer> timer;
  if (limit < Duration::max()) {
    timer = after(limit, [&] {
      late = true;
      FiberPool::wake(*self);
    });
  }
  while (!ready && !late) FiberPool::park();
  return ready;
}

void EpollLoop::run_until(const std::function<bool()>& done) {
  FB_CHECK(FiberPool::current() == nullptr);
  while (true) {
    fibers_.run_ready();
    if (done()) return;
    if (!idle_hook_) {  // nobody must know that nothing is there: one call both asks and waits
      dispatch(fibers_.anything_ready() ? Duration::zero() : until_next_timer());
      fire_due();
      continue;
    }
    const bool handled = dispatch(Duration::zero());
    const bool fired = fire_due();
    if (handled || fired || fibers_.anything_ready()) continue;
    if (idle_hook_ && idle_hook_()) continue;
    if (fibers_.anything_ready()) continue;
    dispatch(until_next_timer());
    fire_due();
  }
}

}  // namespace fb
