// The only source of now and of timers for everything a spec can see. Real: follows the loop.
// Virtual: moves only when advance() is called, which the Scheduler does when nothing is
// enabled.
#pragma once
#include "core/base/time.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace fb {

// A one-shot timer; destroying it disarms it.
class Timer {
 public:
  virtual ~Timer() = default;
};

// Real time, as the loop sees it.
class TimeSource {
 public:
  virtual ~TimeSource() = default;
  virtual Instant now() const = 0;
  virtual std::unique_ptr<Timer> after(Duration delay, std::function<void()> fire) = 0;
};

// A limit ends a wait that something else should have ended (a step's timeout); an event is what
// the wait is for. When nothing but limits is left to happen, virtual time may reach them, but it
// is the caller who decides whether that is a deadlock.
enum class TimerKind { kEvent, kLimit };

class Clock {
 public:
  // Wall-clock nanoseconds since the epoch at Instant{0}, for timestamps.
  enum class Mode { kReal, kVirtual };
  Clock(TimeSource& source, Mode mode, int64_t epoch_ns);

  Mode mode() const { return mode_; }
  Instant now() const;
  int64_t epoch_ns() const { return epoch_ns_; }

  std::unique_ptr<Timer> after(Duration delay, std::function<void()> fire,
                               TimerKind kind = TimerKind::kEvent);
  // Virtual: whether a timer of kind kEvent is armed.
  bool expects_event() const;
  // Virtual: the earliest deadline, if any timer is armed.
  std::optional<Instant> earliest() const;
  // Virtual, with a timer armed: moves on to the earliest deadline and fires what is due then, in
  // the order in which it was armed.
  void advance();

 private:
  class VirtualTimer;
  // Takes a timer off the list; empty when it has fired or was disarmed.
  std::function<void()> take(std::pair<Instant, uint64_t> key);

  TimeSource& source_;
  Mode mode_;
  int64_t epoch_ns_;
  Instant start_;
  Instant virtual_now_;
  struct Entry {
    std::function<void()> fire;
    TimerKind kind;
  };
  std::map<std::pair<Instant, uint64_t>, Entry> timers_;
  size_t events_armed_ = 0;
  uint64_t next_timer_ = 0;
};

}  // namespace fb
