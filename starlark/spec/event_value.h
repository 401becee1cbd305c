// An event of the log as predicates, monitors and events() see it (spec §15.2).
#pragma once
#include "core/model/event.h"
#include "starlark/eval/heap.h"
#include "starlark/eval/host_object.h"

namespace fb::spec {

extern const starlark::HostType kEventType;

// `event` outlives the value: it lies in the log of the running test. `first`: for the `then` of
// assert_before.
starlark::Value make_event(starlark::Heap& heap, const Event& event, const Event* first = nullptr);

}  // namespace fb::spec
