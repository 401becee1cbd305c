#include "interpose/follow/in_flight.h"

#include <charconv>

namespace fb {
namespace {

// A thread that has run this long since its answer has left a call that does not wait.
constexpr uint64_t kRanNs = 1'000'000;
// A thread that is not let run (stopped, a crowded machine) does not hold up the others for ever.
constexpr Duration kLongest = std::chrono::milliseconds(500);

uint64_t number_at(const std::optional<std::string>& text) {
  uint64_t value = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

}  // namespace

void CallsInFlight::begins(Call call, Instant now) {
  call.since = now;
  call.ran_before = number_at(call.thread->target.text("schedstat"));
  const int tid = call.thread->target.tid();
  calls_.insert_or_assign(tid, std::move(call));
}

bool CallsInFlight::is_over(const Call& call, Instant now) {
  if (call.done && call.done()) return true;
  const auto doing = call.thread->target.text("syscall");
  if (!doing || !call.thread->target.alive()) return true;
  // Asleep: in another call, or in this one, which then goes on only after somebody else's.
  if (!doing->starts_with("running")) return true;
  if (number_at(call.thread->target.text("schedstat")) >= call.ran_before + kRanNs) return true;
  return now - call.since >= kLongest;
}

bool CallsInFlight::clashes(int tid, ServiceId service, bool stream, const Footprint& guard,
                            Instant now) {
  for (auto it = calls_.begin(); it != calls_.end();) {
    const Call& call = it->second;
    const bool others = call.service != service || (stream && call.stream);
    if (it->first == tid || !others || !dependent(guard, call.guard)) {
      ++it;
    } else if (is_over(call, now)) {
      it = calls_.erase(it);
    } else {
      return true;
    }
  }
  return false;
}

}  // namespace fb
