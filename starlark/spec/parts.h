// What tcp(), http(), ready() and op() make, for service() to take in.
#pragma once
#include "core/model/topology.h"
#include "starlark/eval/host_object.h"

#include <string>
#include <utility>

namespace fb::spec {

extern const starlark::HostType kHealthcheckType, kOpType;

class HealthcheckValue final : public starlark::HostObject {
 public:
  explicit HealthcheckValue(HealthCheck check_) : check(std::move(check_)) {}
  const starlark::HostType& type() const override { return kHealthcheckType; }
  std::string str() const override;

  HealthCheck check;
};

class OpValue final : public starlark::HostObject {
 public:
  explicit OpValue(OperationSpec op_) : op(std::move(op_)) {}
  const starlark::HostType& type() const override { return kOpType; }
  std::string str() const override;

  OperationSpec op;  // its name is empty until service(ops=) gives it one
};

}  // namespace fb::spec
