#include "starlark/spec/held_value.h"

#include "starlark/eval/thread.h"

#include <fmt/format.h>

namespace fb::spec {

using starlark::Attribute;
using starlark::HostObject;
using starlark::HostType;
using starlark::Outcome;
using starlark::Thread;

namespace {

class HeldValue final : public HostObject {
 public:
  HeldValue(HeldCall call_, std::string service_, Duration age_)
      : call(std::move(call_)), service(std::move(service_)), age(age_) {}
  const HostType& type() const override { return kHeldCallType; }
  std::string str() const override {
    return fmt::format("<held #{} {} {} {}>", call.seq, service, call.syscall, call.tag);
  }

  const HeldCall call;
  const std::string service;
  const Duration age;  // when it was listed
};

const HeldValue& held_of(HostObject& self) {
  return static_cast<HeldValue&>(self);
}

Outcome get_age(Thread& thread, HostObject& self) {
  return thread.heap().integer(held_of(self).age.count() / 1'000'000);
}
Outcome get_path(Thread& thread, HostObject& self) {
  return thread.heap().string(held_of(self).call.path);
}
Outcome get_pid(Thread& thread, HostObject& self) {
  return thread.heap().integer(held_of(self).call.pid);
}
Outcome get_seq(Thread& thread, HostObject& self) {
  return thread.heap().integer(static_cast<int64_t>(held_of(self).call.seq));
}
Outcome get_service(Thread& thread, HostObject& self) {
  return thread.heap().string(held_of(self).service);
}
Outcome get_syscall(Thread& thread, HostObject& self) {
  return thread.heap().string(held_of(self).call.syscall);
}
Outcome get_tag(Thread& thread, HostObject& self) {
  return thread.heap().string(held_of(self).call.tag);
}

constexpr Attribute kAttributes[] = {
    {"age", "int", "Milliseconds it had been waiting.", get_age},
    {"path", "str", "The path of the call, or empty.", get_path},
    {"pid", "int", "The process that waits.", get_pid},
    {"seq", "int", "Of its hold event.", get_seq},
    {"service", "str", "The service that waits.", get_service},
    {"syscall", "str", "The kernel's name of the call.", get_syscall},
    {"tag", "str", "The gate.", get_tag},
};

}  // namespace

constexpr HostType kHeldCallType{
    .name = "held_call", .doc = "A call that hold() keeps waiting.", .attributes = kAttributes};

starlark::Value make_held(starlark::Heap& heap, HeldCall call, std::string service, Duration age) {
  return heap.make<HeldValue>(std::move(call), std::move(service), age);
}

}  // namespace fb::spec
