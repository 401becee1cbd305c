// The recorded set R(s) of every service (spec §8.9): which calls the words of a spec name, found
// in the syntax trees of the root file and of all it loads. An over-approximation that asks neither
// where a construct stands nor whether it is reached; source text is never searched. Pure: what a
// file-level name is comes from the caller.
#pragma once
#include "core/model/protocol_rule.h"
#include "core/model/topology.h"
#include "starlark/syntax/ast.h"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fb::spec {

struct RecordedInput {
  struct File {
    const starlark::syntax::File* syntax = nullptr;
    // The service that a file-level name (own or loaded) stands for, if it is one.
    std::function<std::optional<ServiceId>(std::string_view name)> service_of;
  };
  std::vector<File> files;
  const Topology* topology = nullptr;
};

// By ServiceId.
std::vector<SyscallSet> recorded_sets(const RecordedInput& input);

// The interfaces that some protocol rule may name, which therefore need a proxy (spec §12.1). A
// target that cannot be resolved may be any interface.
std::set<InterfaceId> proxied_interfaces(const RecordedInput& input);

}  // namespace fb::spec
