// What stdout(), stderr(), tail(), poll() and the decoders make, for service(observe=) to take in.
#pragma once
#include "core/model/observe_source.h"
#include "starlark/eval/host_object.h"

#include <string>
#include <utility>

namespace fb::spec {

extern const starlark::HostType kDecoderType, kObserveSourceType;

class DecoderValue final : public starlark::HostObject {
 public:
  explicit DecoderValue(DecoderSpec decoder_) : decoder(std::move(decoder_)) {}
  const starlark::HostType& type() const override { return kDecoderType; }
  std::string str() const override;

  const DecoderSpec decoder;
};

class ObserveSourceValue final : public starlark::HostObject {
 public:
  explicit ObserveSourceValue(ObserveSource source_) : source(std::move(source_)) {}
  const starlark::HostType& type() const override { return kObserveSourceType; }
  std::string str() const override;

  const ObserveSource source;
};

}  // namespace fb::spec
