// The rows of all words, one per builtin of spec §2, and what several of them share.
#pragma once
#include "starlark/eval/builtin.h"
#include "starlark/spec/session.h"

#include <string>
#include <string_view>
#include <vector>

namespace fb::spec {

extern const starlark::BuiltinDef kAllow, kAssertBefore, kAssertEq, kAssertEventually, kAssertNever,
    kAssertTrue, kDelay, kDeny, kEvents, kFault, kFaultStart, kFaultStop, kHeld, kHold, kHttp,
    kInterface, kJsonDecoder, kKill, kLogfmtDecoder, kMonitor, kNondet, kOp, kOptions, kParallel,
    kPartition, kPartitionStart, kPartitionStop, kPause, kPoll, kReady, kRegexDecoder, kRelease,
    kRestart, kResume, kScenario, kService, kStderr, kStdout, kTail, kTcp, kTrace, kTraceStart,
    kTraceStop, kWaitHeld;

// The i-th argument as a list of strings; other items are errors that name the parameter.
Fallible<std::vector<std::string>> read_strings(Call& call, size_t i);

// Source text on one line: what was laid out for reading is not part of its meaning.
std::string one_spaced(std::string_view text);

// In a running test: the calls must be in R(s). What is missing is noted in the session, and the
// failure ends the test so that it can be started again with the larger set (spec §8.9).
Fallible<bool> require_recorded(Call& call, ServiceId service, std::string_view word,
                                const SyscallSet& calls);

}  // namespace fb::spec
