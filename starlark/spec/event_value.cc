#include "starlark/spec/event_value.h"

#include "starlark/eval/builtin.h"
#include "starlark/eval/containers.h"
#include "starlark/eval/thread.h"
#include "starlark/spec/json_value.h"

#include <chrono>
#include <fmt/format.h>

namespace fb::spec {

using starlark::Attribute;
using starlark::BuiltinDef;
using starlark::Call;
using starlark::Heap;
using starlark::HostObject;
using starlark::HostType;
using starlark::Outcome;
using starlark::Param;
using starlark::Symbol;
using starlark::Thread;
using starlark::Value;
namespace types = starlark::types;

namespace {

class EventValue final : public HostObject {
 public:
  EventValue(const Event& event_, const Event* first_) : event(event_), first(first_) {}
  const HostType& type() const override { return kEventType; }
  std::string str() const override;
  Outcome attribute(Thread& thread, Symbol name) override {
    return thread.heap().string(event.field(name.name()));
  }
  std::vector<std::string> attribute_names() const override;
  Outcome index(Thread& thread, const Value& key) override;
  Outcome contains(Thread& thread, const Value& item) override;

  const Event& event;
  const Event* first;
};

const Event& event_of(HostObject& self) {
  return static_cast<EventValue&>(self).event;
}

Value fields_dict(Heap& heap, const Event& event) {
  Value dict = heap.dict();
  for (const auto& [name, value] : event.fields) {
    dict.as<starlark::Dict>()->set(name, heap.string(value));
  }
  return dict;
}

Outcome get_data(Thread& thread, HostObject& self) {
  const Event& event = event_of(self);
  if (event.has("data")) {
    if (auto value = value_from_json(thread.heap(), event.field("data"))) return std::move(*value);
  }
  return fields_dict(thread.heap(), event);
}
Outcome get_event_type(Thread& thread, HostObject& self) {
  return thread.heap().string(event_of(self).event_type());
}
Outcome get_fields(Thread& thread, HostObject& self) {
  return fields_dict(thread.heap(), event_of(self));
}
Outcome get_first(Thread& thread, HostObject& self) {
  const Event* first = static_cast<EventValue&>(self).first;
  return first == nullptr ? Value::none() : make_event(thread.heap(), *first);
}
Outcome get_seq(Thread& thread, HostObject& self) {
  return thread.heap().integer(static_cast<int64_t>(event_of(self).seq));
}
Outcome get_service(Thread& thread, HostObject& self) {
  return thread.heap().string(event_of(self).service);
}
Outcome get_time(Thread& thread, HostObject& self) {
  return thread.heap().integer(event_of(self).time.ns / 1'000'000);
}
Outcome get_type(Thread& thread, HostObject& self) {
  return thread.heap().string(event_type_name(event_of(self).type));
}

constexpr Attribute kAttributes[] = {
    {"data", "object", "Field `data` parsed as JSON, else a dict of all fields.", get_data},
    {"event_type", "str", "`syscall.write`, `step_send.db`, `lifecycle.ready`, …", get_event_type},
    {"fields", "dict[str, str]", "All fields.", get_fields},
    {"first", "event", "In the `then` of assert_before: the event found for `first`.", get_first},
    {"seq", "int", "Position in the log, from 1.", get_seq},
    {"service", "str", "The service, \"test\" for the test, or empty.", get_service},
    {"time_ms", "int", "Milliseconds since the start of the test.", get_time},
    {"type", "str", "`syscall`, `step_send`, `service_ready`, …", get_type},
};

const Attribute* find_attribute(std::string_view name) {
  for (const Attribute& attribute : kAttributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

constexpr Param kGetParams[] = {{.name = "name", .types = types::kString},
                                {.name = "default", .fallback = ""}};
Outcome run_get(Call& call) {
  auto& self = call.self_as<EventValue>();
  if (find_attribute(call.text(0)) != nullptr || self.event.has(call.text(0))) {
    return self.index(call.thread(), call[0]);
  }
  return call[1];
}
constexpr BuiltinDef kGet{"get", kGetParams,
                          "The attribute or field of that name, else the default.", run_get, "str"};
constexpr const BuiltinDef* kMethods[] = {&kGet};

std::string EventValue::str() const {
  std::string out = fmt::format("<event #{}", event.seq);
  if (!event.service.empty()) out += " " + event.service;
  return out + " " + event.event_type() + ">";
}

std::vector<std::string> EventValue::attribute_names() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : event.fields) names.emplace_back(name);
  return names;
}

Outcome EventValue::index(Thread& thread, const Value& key) {
  if (!key.is_string()) {
    return starlark::Raised(fmt::format("event index: got {}, want string", key.type_name()));
  }
  const std::string_view name = key.as_string();
  if (const Attribute* attribute = find_attribute(name)) return attribute->get(thread, *this);
  return thread.heap().string(event.field(name));
}

Outcome EventValue::contains(Thread&, const Value& item) {
  if (!item.is_string()) return Value::boolean(false);
  const std::string_view name = item.as_string();
  return Value::boolean(find_attribute(name) != nullptr || event.has(name));
}

}  // namespace

constexpr HostType kEventType{
    .name = "event",
    .doc =
        "An event of the log. `e.NAME` and `e[\"NAME\"]` are the attributes below, else the "
        "field of that name, or \"\".",
    .attributes = kAttributes,
    .methods = kMethods};

Value make_event(Heap& heap, const Event& event, const Event* first) {
  return heap.make<EventValue>(event, first);
}

}  // namespace fb::spec
