// One protocol fault as the user wrote it (spec §12): which messages of an interface it matches,
// when it fires, what it does. Pure data, and the two tables that say what a protocol knows: its
// match keys and its actions. Counters live in core/sched/protocol_rules.h; what an action means on
// the wire is the business of proxies/.
#pragma once
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/model/fault_rule.h"
#include "core/model/ids.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fb {

// An interface of a service, by positions.
struct InterfaceId {
  ServiceId service;
  size_t index = 0;
  auto operator<=>(const InterfaceId&) const = default;
};

enum class ProtocolAction : uint8_t {
  kRespond,
  kError,
  kDelay,
  kDrop,
  kDuplicate,
  kCorrupt,
  kTruncate,
  kBandwidth,
};
// "respond", "error", …: as events, reports and rule texts name it.
std::string_view protocol_action_name(ProtocolAction action);
// "response" for kRespond, else the action's name: as specs write it.
std::string_view protocol_builder_name(ProtocolAction action);

// Actions by which a message may be judged.
class ProtocolActions {
 public:
  constexpr ProtocolActions() = default;
  constexpr ProtocolActions(std::initializer_list<ProtocolAction> actions) {
    for (const ProtocolAction action : actions) bits_ |= bit(action);
  }
  constexpr bool contains(ProtocolAction action) const { return (bits_ & bit(action)) != 0; }

 private:
  static constexpr uint16_t bit(ProtocolAction action) {
    return static_cast<uint16_t>(1u << static_cast<unsigned>(action));
  }
  uint16_t bits_ = 0;
};
// What every protocol but tcp judges its messages by.
inline constexpr ProtocolActions kMessageActions{ProtocolAction::kRespond, ProtocolAction::kError,
                                                 ProtocolAction::kDelay, ProtocolAction::kDrop,
                                                 ProtocolAction::kDuplicate};

inline constexpr ProtocolActions kAnyProtocolAction{
    ProtocolAction::kRespond,  ProtocolAction::kError,     ProtocolAction::kDelay,
    ProtocolAction::kDrop,     ProtocolAction::kDuplicate, ProtocolAction::kCorrupt,
    ProtocolAction::kTruncate, ProtocolAction::kBandwidth};

// Which way bytes go: up to the server, down to the client.
enum class FlowDirection : uint8_t { kBoth, kUp, kDown };
std::string_view flow_direction_name(FlowDirection direction);  // "both", "up", "down"
std::optional<FlowDirection> parse_flow_direction(std::string_view text);

struct ProtocolRule {
  ProtocolAction action = ProtocolAction::kDrop;
  // Match keys with their patterns, sorted by key. No key matches every message.
  std::vector<std::pair<std::string, std::string>> match;

  std::optional<int64_t> status;       // respond, error
  std::optional<std::string> body;     // respond
  bool body_is_value = false;          // it was written value=
  std::optional<std::string> message;  // error
  std::optional<std::string> code;     // error
  // respond: headers in the order written; without a value the header is removed.
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  Duration delay{};
  FlowDirection direction = FlowDirection::kBoth;  // corrupt, truncate, bandwidth
  uint64_t amount = 0;  // corrupt: bytes; truncate: after; bandwidth: bytes per second

  std::string source;  // the consumer the rule is limited to: a service, "test"; "": everybody
  double probability = 1.0;
  Trigger trigger;
  std::string label;
  std::string identity;  // BRANCH|TEXT|ORDINAL of spec §14

  // The rule changes the server's answer instead of giving one: response(headers=) alone.
  bool rewrites_headers() const {
    return action == ProtocolAction::kRespond && !body && !status && !headers.empty();
  }
  // `error(command=SET, message=READONLY, source=shop, trigger=first=2)`: TEXT of spec §14 without
  // the interface; parameters sorted by name.
  std::string text() const;
  bool operator==(const ProtocolRule&) const = default;
};

// The match keys of a protocol (spec §12.2), sorted; empty for tcp and unknown ones.
std::span<const std::string_view> protocol_match_keys(std::string_view protocol);

// What is wrong with the rule on an interface of the protocol: a key it lacks, an action of tcp
// only.
Status check_protocol_rule(std::string_view protocol, const ProtocolRule& rule);

// One match key of a message as a proxy has seen it: `command` of redis, `path` of http.
struct MessageKey {
  std::string_view name;
  std::string_view value;
};
// Whether a pattern of the key matches what was seen (spec §2.2): `path` of http in its own way,
// others as value patterns that ignore case.
bool match_key(std::string_view key, std::string_view pattern, std::string_view seen);
// Whether every key of the rule is among those seen and matches.
bool matches_message(const ProtocolRule& rule, std::span<const MessageKey> seen);

}  // namespace fb
