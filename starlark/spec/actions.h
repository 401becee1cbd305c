// deny(), delay(), allow(), hold(): what a rule does, and under which conditions, before it is tied
// to a KEY of a service.
#pragma once
#include "core/model/fault_rule.h"
#include "starlark/eval/host_object.h"
#include "starlark/spec/session.h"

#include <optional>
#include <string>

namespace fb::spec {

extern const starlark::HostType kFaultType;

class FaultValue final : public starlark::HostObject {
 public:
  // The rule without KEY and calls. A hold without tag= and label= has an empty tag until a KEY
  // names it.
  explicit FaultValue(FaultRule pattern) : rule(std::move(pattern)) {}
  const starlark::HostType& type() const override { return kFaultType; }
  std::string str() const override;

  FaultRule rule;
};

// The rule that `action` becomes under a KEY of the service: a syscall, a family or an operation.
Fallible<FaultRule> make_rule(Session& session, ServiceId service, std::string_view key,
                              const FaultValue& action);

// The calls a word stands for in a service: its operation of that name, else a family or syscall.
struct NamedCalls {
  std::vector<SyscallId> calls;       // in documented order
  const OperationSpec* op = nullptr;  // when the word is an operation
  SyscallSet set() const;
};
Fallible<NamedCalls> find_calls(Session& session, ServiceId service, std::string_view word);

extern const starlark::BuiltinDef kAllow, kDelay, kDeny, kHold;

}  // namespace fb::spec
