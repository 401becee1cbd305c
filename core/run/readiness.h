// When is a service ready (spec §3.4)?
#pragma once
#include "core/model/topology.h"
#include "core/runtime/client_catalog.h"
#include "core/runtime/launcher.h"
#include "core/runtime/net.h"
#include "core/sched/clock.h"

#include <functional>

namespace fb {

// In a fiber: waits until the service's health check succeeds. `exited` tells that its main process
// has ended; the wait then fails at once. Errors: Code::kGone (it exited), Code::kTimeout with the
// last probe's error.
Status await_ready(const ServiceSpec& service, Process& process, Clock& clock, Net& net,
                   ClientCatalog& clients, const std::function<bool()>& exited);

}  // namespace fb
