// trace(), trace_start(), trace_stop(): observation scopes (spec §8.1).
#include "starlark/spec/actions.h"
#include "starlark/spec/service_value.h"
#include "starlark/spec/words.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb::spec {

using starlark::BuiltinDef;
using starlark::Param;
using starlark::ParamKind;
using starlark::Types;
namespace types = starlark::types;

namespace {

constexpr Param kServiceParam{.name = "service", .types = Types(kServiceType)};
constexpr Param kSyscallsParam{.name = "syscalls",
                               .types = types::kList | types::kTuple,
                               .doc = "Syscalls, families or operations of the service."};

Fallible<uint64_t> open_scope(Call& call, Execution& execution, bool stoppable) {
  Session& session = session_of(call);
  const ServiceId service = call.as<ServiceValue>(0)->id;
  SyscallSet calls;
  std::vector<SyscallId> listed;
  for (const std::string& word : FB_TRY(read_strings(call, 1))) {
    const NamedCalls named = FB_TRY(find_calls(session, service, word));
    FB_TRY(require_recorded(call, service, word, named.set()));
    for (SyscallId id : named.calls) {
      if (!calls.contains(id)) listed.push_back(id);
      calls.insert(id);
    }
  }
  if (listed.empty()) return Raised("syscalls is empty");
  return FB_TRY(execution.open_trace(service, calls, std::move(listed), stoppable));
}

constexpr Param kTraceParams[] = {kServiceParam,
                                  kSyscallsParam,
                                  {.name = "run",
                                   .types = types::kCallable,
                                   .kind = ParamKind::kKeywordOnly,
                                   .doc = "Called without arguments while the trace is on."}};

Outcome run_trace(Call& call) {
  Execution* execution = FB_TRY(acting(call));
  const uint64_t scope = FB_TRY(open_scope(call, *execution, /*stoppable=*/false));
  FB_TRY(still_running(call));
  const Value function = call[2];
  Outcome result = call.thread().call(function);
  execution->close_scope(scope);
  FB_TRY(still_running(call));
  return result;
}

constexpr Param kTraceStartParams[] = {kServiceParam, kSyscallsParam};

Outcome run_trace_start(Call& call) {
  Execution* execution = FB_TRY(acting(call));
  FB_TRY(open_scope(call, *execution, /*stoppable=*/true));
  FB_TRY(still_running(call));
  return Value::none();
}

constexpr Param kTraceStopParams[] = {kServiceParam};

Outcome run_trace_stop(Call& call) {
  Execution* execution = FB_TRY(acting(call));
  execution->close_stoppable(call.as<ServiceValue>(0)->id, /*trace=*/true);
  FB_TRY(still_running(call));
  return Value::none();
}

}  // namespace

constexpr BuiltinDef kTrace{
    "trace", kTraceParams,
    "Runs a function while calls of a service are traced; returns what it returns.", run_trace,
    "object"};
constexpr BuiltinDef kTraceStart{
    "trace_start", kTraceStartParams,
    "Traces calls of a service until trace_stop() or the end of the test.", run_trace_start};
constexpr BuiltinDef kTraceStop{"trace_stop", kTraceStopParams,
                                "Ends all traces that trace_start() began on the service.",
                                run_trace_stop};

}  // namespace fb::spec
