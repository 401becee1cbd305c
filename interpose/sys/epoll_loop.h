// The Loop on Linux: one epoll set, timers, fibers. The only place that reads the machine's clock.
//
//   run ready fibers → what epoll has and timers that are due → nothing? idle hook → nothing? block
//
// Events of one round are handled in the order in which their watches were made, not in the
// kernel's.
#pragma once
#include "core/base/result.h"
#include "core/runtime/loop.h"
#include "interpose/sys/fd.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace fb {

// Readiness of a descriptor as a watch asks for it and hears of it.
struct Ready {
  bool readable = false;  // also at the end of the stream and on errors
  bool writable = false;  // also on errors
};

class EpollLoop final : public Loop {
 public:
  static Result<std::unique_ptr<EpollLoop>> create();
  ~EpollLoop() override;
  EpollLoop(const EpollLoop&) = delete;
  EpollLoop& operator=(const EpollLoop&) = delete;

  Instant now() const override;
  std::unique_ptr<Timer> after(Duration delay, std::function<void()> fire) override;
  FiberPool& fibers() override { return fibers_; }
  void run_until(const std::function<bool()>& done) override;
  void set_idle_hook(std::function<bool()> hook) override { idle_hook_ = std::move(hook); }

  // Wall-clock nanoseconds since 1970, for the time stamps of a run (Clock's epoch).
  static int64_t unix_time_ns();

  // While a Watch lives, `on_ready` is called whenever the descriptor is ready (level-triggered).
  // It ends before the descriptor is closed. Several may watch one descriptor.
  class Watch;
  std::unique_ptr<Watch> watch(int fd, Ready interest, std::function<void(Ready)> on_ready);

  // Inside a fiber. False: not within `limit`.
  bool await_readable(int fd, Duration limit) { return await(fd, {true, false}, limit); }
  bool await_writable(int fd, Duration limit) { return await(fd, {false, true}, limit); }

 private:
  struct Watched;  // one descriptor with its watches
  explicit EpollLoop(Fd epoll);
  bool await(int fd, Ready interest, Duration limit);
  void update(Watched& watched);
  bool dispatch(std::optional<Duration> wait);
  bool fire_due();
  std::optional<Duration> until_next_timer() const;

  class LoopTimer;
  Fd epoll_;
  std::map<int, std::unique_ptr<Watched>> watched_;  // by descriptor
  uint64_t next_watch_ = 0;
  std::map<std::pair<Instant, uint64_t>, std::function<void()>> timers_;
  uint64_t next_timer_ = 0;
  std::function<bool()> idle_hook_;
  FiberPool fibers_;  // last: its fibers hold watches and timers
};

class EpollLoop::Watch {
 public:
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  friend class EpollLoop;
  Watch(EpollLoop& loop, int fd, uint64_t number) : loop_(loop), fd_(fd), number_(number) {}
  EpollLoop& loop_;
  int fd_;
  uint64_t number_;
};

}  // namespace fb
