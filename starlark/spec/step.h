// Step methods: `db.main.send` as a value, its arguments bound by the row of the ClientCatalog, the
// exchange made by the Execution.
#pragma once
#include "core/runtime/client_catalog.h"
#include "starlark/eval/host_object.h"
#include "starlark/spec/session.h"

#include <string_view>

namespace fb::spec {

extern const starlark::HostType kStepMethodType;

const StepMethod* find_step(const ClientCatalog& clients, std::string_view protocol,
                            std::string_view name);
// The value `svc.iface.NAME`; the method must exist.
Value make_step(Thread& thread, Session& session, ServiceId service, size_t interface,
                std::string_view name);

}  // namespace fb::spec
