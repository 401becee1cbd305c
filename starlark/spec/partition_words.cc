// partition(), partition_start(), partition_stop(): scopes in which two services do not reach each
// other (spec §11.1).
#include "starlark/spec/service_value.h"
#include "starlark/spec/words.h"

#include <fmt/format.h>

namespace fb::spec {

using starlark::BuiltinDef;
using starlark::Param;
using starlark::Types;
namespace types = starlark::types;

namespace {

constexpr Param kA{.name = "a", .types = Types(kServiceType)};
constexpr Param kB{.name = "b", .types = Types(kServiceType)};
constexpr Param kDirection{.name = "direction",
                           .types = types::kString,
                           .fallback = "both",
                           .doc = "\"both\", \"a->b\" or \"b->a\": the direction that is cut."};
constexpr Param kMode{.name = "mode",
                      .types = types::kString,
                      .fallback = "refuse",
                      .doc = "\"refuse\": errors at once; \"drop\": silence until healed."};

ServiceId service_at(Call& call, size_t i) {
  return call.as<ServiceValue>(i)->id;
}

// Opens the partition that the arguments describe. Both services must have their connects watched.
Fallible<uint64_t> open_partition(Call& call, Execution& execution, size_t direction, size_t mode,
                                  bool stoppable) {
  PartitionWish wish{.a = service_at(call, 0), .b = service_at(call, 1)};
  const auto wanted_direction = parse_direction(call.text(direction));
  if (!wanted_direction)
    return call.fail_param(direction, fmt::format("got \"{}\", want \"both\", \"a->b\" or \"b->a\"",
                                                  call.text(direction)));
  const auto wanted_mode = parse_mode(call.text(mode));
  if (!wanted_mode)
    return call.fail_param(mode,
                           fmt::format("got \"{}\", want \"refuse\" or \"drop\"", call.text(mode)));
  wish.direction = *wanted_direction;
  wish.mode = *wanted_mode;
  SyscallSet connect;
  for (SyscallId id : expand_family("connect")) connect.insert(id);
  for (const ServiceId service : {wish.a, wish.b})
    FB_TRY(require_recorded(call, service, "connect", connect));
  session_of(call).facts.opened_scope = true;
  return FB_TRY(execution.partitions().open(wish, stoppable));
}

constexpr Param kPartitionParams[] = {
    kA,
    kB,
    {.name = "run",
     .types = types::kCallable,
     .doc = "Called without arguments while the services are cut off from each other."},
    kDirection,
    kMode};

Outcome run_partition(Call& call) {
  Execution* execution = FB_TRY(acting(call));
  const uint64_t partition = FB_TRY(open_partition(call, *execution, 3, 4, /*stoppable=*/false));
  FB_TRY(still_running(call));
  const Value function = call[2];
  Outcome result = call.thread().call(function);
  // A fiber that is unwound does not come here: the end of the test closes what is open.
  FB_TRY(execution->partitions().close(partition));
  FB_TRY(still_running(call));
  return result;
}

constexpr Param kPartitionStartParams[] = {kA, kB, kDirection, kMode};

Outcome run_partition_start(Call& call) {
  Execution* execution = FB_TRY(acting(call));
  FB_TRY(open_partition(call, *execution, 2, 3, /*stoppable=*/true));
  FB_TRY(still_running(call));
  return Value::none();
}

constexpr Param kPartitionStopParams[] = {kA, kB};

Outcome run_partition_stop(Call& call) {
  Execution* execution = FB_TRY(acting(call));
  FB_TRY(execution->partitions().stop(service_at(call, 0), service_at(call, 1)));
  FB_TRY(still_running(call));
  return Value::none();
}

}  // namespace

constexpr BuiltinDef kPartition{
    "partition", kPartitionParams,
    "Runs a function while two services cannot reach each other; returns what it returns.",
    run_partition, "object"};
constexpr BuiltinDef kPartitionStart{
    "partition_start", kPartitionStartParams,
    "Cuts two services off from each other until partition_stop() or the end of the test.",
    run_partition_start};
constexpr BuiltinDef kPartitionStop{
    "partition_stop", kPartitionStopParams,
    "Ends all partitions that partition_start() made between the two services.",
    run_partition_stop};

}  // namespace fb::spec
