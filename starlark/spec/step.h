// Step methods: `db.main.send` as a value, its arguments bound by the row of the ClientCatalog, the
// exchange made by the Execution.
#pragma once
#include "core/runtime/client_catalog.h"
#include "starlark/eval/builtin.h"
#include "starlark/eval/host_object.h"
#include "starlark/spec/session.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fb::spec {

extern const starlark::HostType kStepMethodType;

// The rows of step methods as the interpreter wants them. Lives as long as the process keeps
// compiled specs; filled as methods are first used.
class StepTables {
 public:
  // A method's row and where its parameters stand in it.
  struct Row {
    const StepMethod* method = nullptr;
    std::vector<starlark::Param> params;
    starlark::BuiltinDef def;
    bool gathers = false;           // surplus positionals go to the parameter `args`
    size_t timeout = 0;             // index of the keyword timeout=
  };
  const Row& row(std::string_view protocol, const StepMethod& method);

 private:
  std::map<std::pair<std::string, std::string>, std::unique_ptr<Row>> rows_;
};

const StepMethod* find_step(const ClientCatalog& clients, std::string_view protocol,
                            std::string_view name);
// The value `svc.iface.NAME`; the method must exist.
Value make_step(Thread& thread, Session& session, ServiceId service, size_t interface,
                std::string_view name);

}  // namespace fb::spec
