// One recorded call as a line of the log: what became of it, and why. For --debug and for the
// firings of `faultbox run`.
#pragma once
#include "cli/log.h"
#include "core/model/event.h"

namespace fb::cli {

// decision, path or peer, label and what else is known of a `syscall` event.
Log::Fields call_fields(const Event& event);

// Why the decision is what it is: the rule that fired, or that none did.
std::string decision_reason(const Event& event);

// "#12 db write" with call_fields() and the reason.
void debug_call(const Log& log, const Event& event);

}  // namespace fb::cli
