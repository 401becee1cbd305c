// The span of one step in the log: from its step_send to its step_recv.
#pragma once
#include "core/model/event.h"

#include <cstdint>
#include <span>

namespace fb {

struct StepWindow {
  uint64_t sent = 0;      // seq of step_send
  uint64_t received = 0;  // seq of step_recv; 0 while it is pending
};

// Whether the event happened inside the window (spec §19): by clocks where causality is full, else
// by seq. `events` is the whole log, by seq.
template <class Events>
bool in_window(const Events& events, const StepWindow& step, const Event& event, bool by_clock) {
  if (!by_clock) return step.sent < event.seq && (step.received == 0 || event.seq < step.received);
  return events[step.sent - 1].clock.covered_by(event.clock) &&
         (step.received == 0 || event.clock.covered_by(events[step.received - 1].clock));
}

}  // namespace fb
