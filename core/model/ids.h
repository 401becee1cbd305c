// Who acts. An ActorId is a plain value that is the same in every execution of a test: it is made
// of positions (which service, the how-manieth process and thread of it), never of pids or
// pointers.
#pragma once
#include "core/base/result.h"

#include <compare>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace fb {

// Position of a service in the Topology (order of registration). The test driver has its own value.
struct ServiceId {
  uint16_t value = 0;
  auto operator<=>(const ServiceId&) const = default;
};
inline constexpr ServiceId kTestDriver{0xffff};

struct ActorId {
  enum class Kind : uint8_t {
    kTest,     // the body of the test
    kBranch,   // one callable of parallel()
    kService,  // a thread of a service
    kTimer,    // an armed timer
    kProxy,    // one direction of a proxied connection
  };
  Kind kind = Kind::kTest;
  uint16_t index = 0;  // service position; timers and proxies: their number
  uint32_t process =
      0;                // how-manieth process of the service, from 0 (branches: path, see branch())
  uint32_t thread = 0;  // how-manieth thread of that process, from 0

  auto operator<=>(const ActorId&) const = default;

  static ActorId test() { return {}; }
  static ActorId service(ServiceId id, uint32_t process, uint32_t thread) {
    return {Kind::kService, id.value, process, thread};
  }
  static ActorId timer(uint16_t number) { return {Kind::kTimer, number, 0, 0}; }
  // The i-th callable (from 0, at most 254) of a parallel() called by `parent`; at most four
  // levels.
  static ActorId branch(ActorId parent, uint32_t i) {
    return {Kind::kBranch, 0, (parent.process << 8) | (i + 1), 0};
  }
};

// "test", "test/1/0", "ledger", "ledger:2", "ledger:2.3", "timer#4", "proxy#4": of a service the
// process, then the thread, from 0 and left out where 0. `services` are the names by position.
std::string actor_name(ActorId actor, std::span<const std::string> services);
// The inverse; every actor has exactly one name. Error (kNotFound): no such form or service.
Result<ActorId> parse_actor_name(std::string_view name, std::span<const std::string> services);

struct OperationId {
  uint64_t value = 0;
  auto operator<=>(const OperationId&) const = default;
};

}  // namespace fb

template <>
struct std::hash<fb::ActorId> {
  size_t operator()(const fb::ActorId& a) const noexcept {
    uint64_t x = (uint64_t{a.process} << 32 | a.thread) * 0x9E3779B97F4A7C15u;
    return static_cast<size_t>(x ^ (uint64_t{a.index} << 8) ^ static_cast<uint64_t>(a.kind));
  }
};
template <>
struct std::hash<fb::OperationId> {
  size_t operator()(fb::OperationId id) const noexcept { return std::hash<uint64_t>{}(id.value); }
};
