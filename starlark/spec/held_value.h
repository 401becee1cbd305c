// A call that hold() keeps waiting, as held() and wait_held() list it.
#pragma once
#include "core/sched/scheduler.h"
#include "starlark/eval/heap.h"
#include "starlark/eval/host_object.h"

#include <string>

namespace fb::spec {

extern const starlark::HostType kHeldCallType;

starlark::Value make_held(starlark::Heap& heap, HeldCall call, std::string service, Duration age);

}  // namespace fb::spec
