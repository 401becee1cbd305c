// kill(), restart(), pause(), resume(): the processes of a service (spec §11.2).
#include "core/runtime/launcher.h"
#include "starlark/spec/service_value.h"
#include "starlark/spec/words.h"

#include <fmt/format.h>

namespace fb::spec {

using starlark::BuiltinDef;
using starlark::Param;
using starlark::Types;
namespace types = starlark::types;

namespace {

constexpr Param kServiceParam{.name = "service", .types = Types(kServiceType)};

ServiceId service_of(Call& call) {
  return call.as<ServiceValue>(0)->id;
}

// What the call made happen, as an Outcome; a monitor may have ended the test over it.
Outcome done(Call& call, Status status) {
  FB_TRY(std::move(status));
  FB_TRY(still_running(call));
  return Value::none();
}

Fallible<int> read_signal(std::string_view name) {
  if (const auto number = signal_number(name)) return *number;
  std::vector<std::string> known;
  for (int i = 1; i <= 31; ++i) known.push_back(signal_name(i));
  return Raised(unknown("signal", name, known));
}

constexpr Param kKillParams[] = {
    kServiceParam, {.name = "signal", .types = types::kString, .fallback = "SIGKILL"}};

Outcome run_kill(Call& call) {
  Execution* execution = FB_TRY(acting(call));
  const int signal = FB_TRY(read_signal(call.text(1)));
  return done(call, execution->kill(service_of(call), signal));
}

constexpr Param kRestartParams[] = {
    kServiceParam,
    {.name = "timeout",
     .types = types::kString | types::kNone,
     .fallback = nullptr,
     .doc = "Limit of its readiness; default that of its healthcheck."}};

Outcome run_restart(Call& call) {
  Execution* execution = FB_TRY(acting(call));
  std::optional<Duration> limit;
  if (call.given(1)) limit = FB_TRY(parse_duration(call.text(1)));
  return done(call, execution->restart(service_of(call), limit));
}

constexpr Param kPauseParams[] = {kServiceParam};

Outcome run_pause(Call& call) {
  Execution* execution = FB_TRY(acting(call));
  return done(call, execution->pause(service_of(call)));
}

Outcome run_resume(Call& call) {
  Execution* execution = FB_TRY(acting(call));
  return done(call, execution->resume(service_of(call)));
}

}  // namespace

constexpr BuiltinDef kKill{"kill", kKillParams,
                           "Signals every process of the service; its exit is then expected.",
                           run_kill};
constexpr BuiltinDef kPause{"pause", kPauseParams, "Stops all processes of the service.",
                            run_pause};
constexpr BuiltinDef kRestart{
    "restart", kRestartParams,
    "Stops the service if it runs, starts it and waits until it is ready.", run_restart};
constexpr BuiltinDef kResume{"resume", kPauseParams, "Lets a paused service go on.", run_resume};

}  // namespace fb::spec
