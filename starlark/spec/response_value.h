// The answer to a step, as the spec sees it.
#pragma once
#include "core/runtime/client_catalog.h"
#include "starlark/eval/heap.h"
#include "starlark/eval/host_object.h"

#include <cstdint>

namespace fb::spec {

extern const starlark::HostType kResponseType;

starlark::Value make_response(starlark::Heap& heap, StepResponse response, int64_t duration_ms);

}  // namespace fb::spec
