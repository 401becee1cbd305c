#include "starlark/spec/registry.h"

#include "starlark/spec/actions.h"
#include "starlark/spec/event_value.h"
#include "starlark/spec/held_value.h"
#include "starlark/spec/observe_values.h"
#include "starlark/spec/parts.h"
#include "starlark/spec/protocol_actions.h"
#include "starlark/spec/response_value.h"
#include "starlark/spec/service_value.h"
#include "starlark/spec/step.h"
#include "starlark/spec/words.h"

namespace fb::spec {
namespace {

constexpr const starlark::BuiltinDef* kWords[] = {
    &kAllow,
    &kAssertBefore,
    &kAssertEq,
    &kAssertEventually,
    &kAssertNever,
    &kAssertTrue,
    &kBandwidth,
    &kCorrupt,
    &kDelay,
    &kDeny,
    &kDrop,
    &kDuplicate,
    &kError,
    &kEvents,
    &kFault,
    &kFaultStart,
    &kFaultStop,
    &kHeld,
    &kHold,
    &kHttp,
    &kInterface,
    &kJsonDecoder,
    &kKill,
    &kLogfmtDecoder,
    &kMonitor,
    &kNondet,
    &kOp,
    &kOptions,
    &kParallel,
    &kPartition,
    &kPartitionStart,
    &kPartitionStop,
    &kPause,
    &kPoll,
    &kReady,
    &kRegexDecoder,
    &kRelease,
    &kResponse,
    &kRestart,
    &kResume,
    &kScenario,
    &kService,
    &kStderr,
    &kStdout,
    &kTail,
    &kTcp,
    &kTrace,
    &kTraceStart,
    &kTraceStop,
    &kTruncate,
    &kWaitHeld,
};

constexpr const starlark::HostType* kTypes[] = {
    &kDecoderType,   &kEventType,        &kFaultType,         &kHealthcheckType, &kHeldCallType,
    &kInterfaceType, &kInterfaceRefType, &kObserveSourceType, &kOpType,          &kProxyFaultType,
    &kResponseType,  &kServiceType,      &kStepMethodType,
};

}  // namespace

std::span<const starlark::BuiltinDef* const> spec_words() {
  return kWords;
}
std::span<const starlark::HostType* const> spec_types() {
  return kTypes;
}

}  // namespace fb::spec
