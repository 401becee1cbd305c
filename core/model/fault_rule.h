// One syscall fault as the user wrote it: what it matches, when it fires, what it does. Pure data;
// counters live in core/sched/rule_set.h.
#pragma once
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/model/address.h"
#include "core/model/pattern.h"
#include "core/model/syscall_table.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fb {

// When a matching call makes the rule fire, by the rule's match count (from 1).
struct Trigger {
  enum class Kind : uint8_t { kAlways, kAfter, kNth, kEvery, kFirst };
  Kind kind = Kind::kAlways;
  uint64_t n = 0;

  bool fires(uint64_t count) const;
  std::string text() const;  // "after=2"; "" for always
  bool operator==(const Trigger&) const = default;
};
// "after=N" (N ≥ 0), "nth=N", "every=N", "first=N" (N ≥ 1).
Result<Trigger> parse_trigger(std::string_view text);

// "30%" (0–100) or a number in 0..1, as text (spec §2.1). "30" is an error that suggests "30%".
Result<double> parse_probability(std::string_view text);
std::string format_probability(double probability);  // "30%", "0.5%", "100%"

// Who is at the other end: a service (every address it is reachable by) or one host:port.
struct Destination {
  struct Endpoint {
    bool any_loopback = false;     // 127.0.0.0/8, ::1, v4-mapped
    Address address;               // host part, when !any_loopback
    std::optional<uint16_t> port;  // empty: any
    bool operator==(const Endpoint&) const = default;
  };
  std::string text;  // as the user wrote it: service name, svc.iface, or host:port
  std::vector<Endpoint> endpoints;

  bool matches(const Address& peer) const;
  bool operator==(const Destination&) const = default;
};

// "host:port": an IP address or localhost (any loopback address), `*` for any port. Error
// kNotFound: the host is some other name, for the caller to look up.
Result<Destination> parse_destination(std::string_view text);

struct DenyAction {
  int error_number = 0;
  std::string error_name;  // as canonical name, "EIO"
  bool operator==(const DenyAction&) const = default;
};
struct DelayAction {
  Duration duration{};
  bool operator==(const DelayAction&) const = default;
};
struct AllowAction {
  bool operator==(const AllowAction&) const = default;
};
struct HoldAction {
  std::string tag;
  bool operator==(const HoldAction&) const = default;
};
using FaultAction = std::variant<DenyAction, DelayAction, AllowAction, HoldAction>;

struct FaultRule {
  std::string key;  // KEY of fault(): syscall, family or op name
  SyscallSet calls;
  std::vector<SyscallId> filter;         // the same calls in documented order, for the report
  std::string op;                        // name of the operation the key is, or ""
  std::vector<std::string> op_syscalls;  // its listed syscalls, for the report
  std::optional<PathPattern> op_path;
  FaultAction action;
  std::optional<PathPattern> path;
  std::optional<Destination> destination;
  double probability = 1.0;
  Trigger trigger;
  std::string label;
  std::string identity;  // BRANCH|TEXT|ORDINAL of spec §14

  // "deny(EIO) path=*.wal trigger=after=2": TEXT of spec §14 without the KEY.
  std::string text() const;
  // The line of fault_applied (spec §8.8): `deny(EIO) → filter:[fsync,fdatasync] path=… label="…"`.
  std::string applied_text() const;
  // The same for one field of an op's rule, which lists the calls of one of its syscalls.
  std::string applied_text(std::span<const SyscallId> calls_of_field) const;
};

// "deny(EIO)", "delay(500ms)", "allow()", "hold(gate)".
std::string action_text(const FaultAction& action);

}  // namespace fb
