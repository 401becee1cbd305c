#include "starlark/spec/response_value.h"

#include "core/base/text.h"
#include "starlark/eval/containers.h"
#include "starlark/eval/thread.h"
#include "starlark/spec/json_value.h"

#include <fmt/format.h>
#include <map>
#include <string>

namespace fb::spec {

using starlark::Attribute;
using starlark::Heap;
using starlark::HostObject;
using starlark::HostType;
using starlark::Outcome;
using starlark::Thread;
using starlark::Value;

namespace {

class ResponseValue final : public HostObject {
 public:
  ResponseValue(StepResponse response_, int64_t duration_ms_)
      : response(std::move(response_)), duration_ms(duration_ms_) {}
  const HostType& type() const override { return kResponseType; }
  std::string str() const override {
    if (!response.error.empty()) return fmt::format("<response error={}>", quote(response.error));
    return fmt::format("<response status={}>", response.status);
  }
  bool truth() const override { return response.ok; }

  const StepResponse response;
  const int64_t duration_ms;
  Value data;  // parsed at its first use
};

ResponseValue& value_of(HostObject& self) {
  return static_cast<ResponseValue&>(self);
}

Outcome get_body(Thread& thread, HostObject& self) {
  return thread.heap().string(value_of(self).response.body);
}
Outcome get_data(Thread& thread, HostObject& self) {
  Value& data = value_of(self).data;
  if (!data.absent()) return data;
  const StepResponse& response = value_of(self).response;
  const std::string& text = response.data_json.empty() ? response.body : response.data_json;
  auto parsed = value_from_json(thread.heap(), text);
  data = parsed ? std::move(*parsed) : thread.heap().string(response.body);
  return data;
}
Outcome get_duration(Thread& thread, HostObject& self) {
  return thread.heap().integer(value_of(self).duration_ms);
}
Outcome get_error(Thread& thread, HostObject& self) {
  return thread.heap().string(value_of(self).response.error);
}
Outcome get_headers(Thread& thread, HostObject& self) {
  std::map<std::string, std::string> joined;
  for (const auto& [name, value] : value_of(self).response.headers) {
    const auto [at, added] = joined.emplace(name, value);
    if (!added) at->second += ", " + value;
  }
  Value dict = thread.heap().dict();
  for (const auto& [name, value] : joined) {
    dict.as<starlark::Dict>()->set(name, thread.heap().string(value));
  }
  return dict;
}
Outcome get_ok(Thread&, HostObject& self) {
  return Value::boolean(value_of(self).response.ok);
}
Outcome get_status(Thread& thread, HostObject& self) {
  return thread.heap().integer(value_of(self).response.status);
}

constexpr Attribute kAttributes[] = {
    {"body", "str", "The body, at most 64 KiB.", get_body},
    {"data", "object", "The body parsed as JSON, else the body.", get_data},
    {"duration_ms", "int", "How long the step took.", get_duration},
    {"error", "str", "What went wrong; empty when nothing did.", get_error},
    {"headers", "dict[str, str]", "Response headers, names in lower case.", get_headers},
    {"ok", "bool", "The exchange succeeded; for http with any status.", get_ok},
    {"status", "int", "HTTP or gRPC status; 0 after a transport error.", get_status},
};

}  // namespace

constexpr HostType kResponseType{.name = "response",
                                 .doc = "The answer to a step. Its truth is `.ok`.",
                                 .attributes = kAttributes};

Value make_response(Heap& heap, StepResponse response, int64_t duration_ms) {
  return heap.make<ResponseValue>(std::move(response), duration_ms);
}

}  // namespace fb::spec
