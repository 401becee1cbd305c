// destination= of a rule (spec §8.4): a service, one of its interfaces, or "host:port".
#pragma once
#include "core/model/fault_rule.h"
#include "starlark/spec/session.h"

namespace fb::spec {

Fallible<Destination> read_destination(const Session& session, const Value& value);

}  // namespace fb::spec
