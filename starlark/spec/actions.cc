#include "starlark/spec/actions.h"

#include "core/base/text.h"
#include "starlark/spec/destination.h"
#include "starlark/spec/protocol_actions.h"
#include "starlark/spec/service_value.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace fb::spec {

using starlark::BuiltinDef;
using starlark::HostType;
using starlark::Param;
using starlark::ParamKind;
using starlark::Types;
namespace types = starlark::types;

constexpr HostType kFaultType{.name = "fault",
                              .doc = "An action for a KEY of fault(): what a matching call meets."};

std::string FaultValue::str() const {
  std::string out = "<fault ";
  if (const auto* deny = std::get_if<DenyAction>(&rule.action)) {
    out += "deny=" + deny->error_name;
  } else if (const auto* delay = std::get_if<DelayAction>(&rule.action)) {
    out += "delay=" + format_duration(delay->duration);
  } else if (const auto* hold = std::get_if<HoldAction>(&rule.action)) {
    out += hold->tag.empty() ? "hold" : "hold=" + hold->tag;
  } else {
    out += "allow";
  }
  if (!std::holds_alternative<AllowAction>(rule.action)) {
    out += " prob=" + format_probability(rule.probability);
  }
  if (rule.path) out += " path=" + rule.path->text();
  if (rule.destination) out += " destination=" + rule.destination->text;
  if (rule.trigger.kind != Trigger::Kind::kAlways) out += " trigger=" + rule.trigger.text();
  if (!rule.label.empty()) out += fmt::format(" label={}", quote(rule.label));
  return out + ">";
}

namespace {

constexpr Types kDestination =
    Types(kServiceType) | Types(kInterfaceRefType) | types::kString | types::kNone;
constexpr Param kPath{.name = "path",
                      .types = types::kString | types::kNone,
                      .fallback = nullptr,
                      .kind = ParamKind::kKeywordOnly,
                      .doc = "Path pattern; only calls on matching paths."};
constexpr Param kDestinationParam{.name = "destination",
                                  .types = kDestination,
                                  .fallback = nullptr,
                                  .kind = ParamKind::kKeywordOnly,
                                  .doc =
                                      "A service, an interface or \"host:port\"; only calls to "
                                      "that peer."};
constexpr Param kProbability{.name = "probability",
                             .types = types::kString | types::kNumber | types::kNone,
                             .fallback = nullptr,
                             .kind = ParamKind::kKeywordOnly,
                             .doc = "\"30%\" or a number in 0..1; default always."};
constexpr Param kTrigger{.name = "trigger",
                         .types = types::kString | types::kNone,
                         .fallback = nullptr,
                         .kind = ParamKind::kKeywordOnly,
                         .doc =
                             "\"after=N\", \"nth=N\", \"every=N\" or \"first=N\" of the matching "
                             "calls."};
// The four triggers as keywords: nth=2 is trigger="nth=2".
constexpr Param trigger_word(std::string_view name, std::string_view doc) {
  return {.name = name,
          .types = types::kInt | types::kNone,
          .fallback = nullptr,
          .kind = ParamKind::kKeywordOnly,
          .doc = doc};
}
constexpr Param kNth = trigger_word("nth", "Only the N-th matching call.");
constexpr Param kAfter = trigger_word("after", "Only the calls after the N-th.");
constexpr Param kEvery = trigger_word("every", "Every N-th matching call.");
constexpr Param kFirst = trigger_word("first", "Only the first N matching calls.");
constexpr Param kLabel{.name = "label",
                       .types = types::kString | types::kNone,
                       .fallback = nullptr,
                       .kind = ParamKind::kKeywordOnly,
                       .doc = "Shown with every event the rule decides."};

bool is_trigger_word(std::string_view name) {
  return name == kNth.name || name == kAfter.name || name == kEvery.name || name == kFirst.name;
}

// The conditions, by the names of the row: each word takes some of them.
Fallible<FaultRule> read_conditions(Call& call) {
  FaultRule rule;
  std::string_view trigger_given_by;
  const auto params = call.def().params;
  for (size_t i = 0; i < params.size(); ++i) {
    if (!call.given(i)) continue;
    const std::string_view name = params[i].name;
    if (name == "path") {
      rule.path = FB_TRY(PathPattern::parse(call.text(i)));
    } else if (name == "destination") {
      rule.destination = FB_TRY(read_destination(session_of(call), call[i]));
    } else if (name == "probability") {
      rule.probability = FB_TRY(read_probability(call[i]));
    } else if (name == kTrigger.name || is_trigger_word(name)) {
      if (!trigger_given_by.empty()) {
        return Raised(fmt::format("takes one trigger, not {}= and {}=", trigger_given_by, name));
      }
      trigger_given_by = name;
      rule.trigger = name == kTrigger.name ? FB_TRY(read_trigger(call[i]))
                                           : FB_TRY(read_trigger_word(name, call[i]));
    } else if (name == "label") {
      rule.label = call.text(i);
    }
  }
  return rule;
}

Outcome finish(Call& call, fb::FaultAction action) {
  FaultRule rule = FB_TRY(read_conditions(call));
  rule.action = std::move(action);
  return call.heap().make<FaultValue>(std::move(rule));
}

constexpr Param kAllowParams[] = {kPath, kDestinationParam, kLabel};
Outcome run_allow(Call& call) {
  return finish(call, AllowAction{});
}

constexpr Param kDenyParams[] = {
    {.name = "errno", .types = types::kString, .doc = "Name of an errno, any case."},
    kPath,
    kDestinationParam,
    kProbability,
    kTrigger,
    kNth,
    kAfter,
    kEvery,
    kFirst,
    kLabel};
Outcome run_deny(Call& call) {
  ErrnoValue error = FB_TRY(read_errno(call.text(0)));
  return finish(call, DenyAction{error.number, std::move(error.name)});
}

constexpr Param protocol_key(std::string_view name) {
  return {.name = name,
          .types = types::kString | types::kNone,
          .fallback = nullptr,
          .kind = ParamKind::kKeywordOnly,
          .doc = "With delay=: match key of protocols that have it."};
}
constexpr Param kDelayParams[] = {{.name = "duration",
                                   .types = types::kString,
                                   .fallback = starlark::kOptional,
                                   .doc = "How long the call waits before it is made."},
                                  {.name = "delay",
                                   .types = types::kString,
                                   .fallback = starlark::kOptional,
                                   .kind = ParamKind::kKeywordOnly,
                                   .doc = "The form for protocol faults."},
                                  kPath,
                                  kDestinationParam,
                                  kProbability,
                                  kTrigger,
                                  kNth,
                                  kAfter,
                                  kEvery,
                                  kFirst,
                                  kLabel,
                                  protocol_key("command"),
                                  protocol_key("key"),
                                  protocol_key("method"),
                                  protocol_key("query"),
                                  protocol_key("topic")};
constexpr size_t kFirstProtocolKey = 11;

Outcome run_delay(Call& call) {
  if (!call[1].absent()) {
    if (!call[0].absent()) return Raised("takes a duration or delay=, not both");
    return make_protocol_delay(call);
  }
  for (size_t i = kFirstProtocolKey; i < call.def().params.size(); ++i)
    if (call.given(i))
      return Raised(
          fmt::format("{}= is for rules of an interface, which are written "
                      "delay(delay=\"…\")",
                      call.def().params[i].name));
  if (call[0].absent()) return Raised("missing argument for duration");
  return finish(call, DelayAction{FB_TRY(parse_duration(call.text(0)))});
}

constexpr Param kHoldParams[] = {{.name = "tag",
                                  .types = types::kString | types::kNone,
                                  .fallback = nullptr,
                                  .doc = "Name of the gate; default the label, else the KEY."},
                                 kPath,
                                 kDestinationParam,
                                 kProbability,
                                 kTrigger,
                                 kNth,
                                 kAfter,
                                 kEvery,
                                 kFirst,
                                 kLabel};
Outcome run_hold(Call& call) {
  HoldAction action;
  if (call.given(0)) {
    action.tag = call.text(0);
    if (action.tag.empty()) return Raised("tag is empty");
  }
  return finish(call, std::move(action));
}

// destination= makes sense where a call has a peer (spec §8.4).
bool may_have_peer(SyscallId call) {
  static constexpr std::string_view kFamilies[] = {"connect", "read", "recvfrom", "sendto",
                                                   "write"};
  const SyscallRow& row = row_of(call);
  return std::find(std::begin(kFamilies), std::end(kFamilies), row.family) != std::end(kFamilies) ||
         std::find(std::begin(kFamilies), std::end(kFamilies), row.name) != std::end(kFamilies);
}

}  // namespace

constexpr BuiltinDef kAllow{"allow", kAllowParams,
                            "Lets the call pass and ends the search: shields it from outer rules.",
                            run_allow, "fault"};
constexpr BuiltinDef kDelay{"delay", kDelayParams, "Makes the call after a pause.", run_delay,
                            "fault"};
constexpr BuiltinDef kDeny{"deny", kDenyParams,
                           "Does not make the call; it returns the errno instead.", run_deny,
                           "fault"};
constexpr BuiltinDef kHold{"hold", kHoldParams,
                           "Keeps the call waiting until release() or the end of its scope.",
                           run_hold, "fault"};

SyscallSet NamedCalls::set() const {
  SyscallSet set;
  for (SyscallId call : calls) set.insert(call);
  return set;
}

Fallible<NamedCalls> find_calls(Session& session, ServiceId service, std::string_view word) {
  const ServiceSpec& spec = session.topology.at(service);
  NamedCalls out;
  const auto op = spec.ops.find(std::string(word));
  if (op != spec.ops.end()) {
    out.op = &op->second;
    for (const std::string& name : op->second.syscalls) {
      for (SyscallId call : FB_TRY(read_syscalls(name, session.syscall_exists))) {
        if (std::find(out.calls.begin(), out.calls.end(), call) == out.calls.end()) {
          out.calls.push_back(call);
        }
      }
    }
    return out;
  }
  if (expand_family(word).empty() && !find_syscall(word)) {
    std::vector<std::string> known;
    for (const auto& [name, unused] : spec.ops) known.push_back(name);
    for (std::string_view name : all_syscall_words()) known.emplace_back(name);
    return Raised(fmt::format("{}, and service \"{}\" has no operation of that name",
                              unknown("syscall", word, known), spec.name));
  }
  out.calls = FB_TRY(read_syscalls(word, session.syscall_exists));
  return out;
}

Fallible<FaultRule> make_rule(Session& session, ServiceId service, std::string_view key,
                              const FaultValue& action) {
  NamedCalls named = FB_TRY(find_calls(session, service, key));
  FaultRule rule = action.rule;
  rule.key = key;
  rule.calls = named.set();
  if (named.op != nullptr) {
    rule.op = named.op->name;
    rule.op_syscalls = named.op->syscalls;
    rule.op_path = named.op->path;
  }
  for (SyscallId call : named.calls) {
    if (cannot_be_faulted(call)) {
      return Raised(fmt::format("FAULT_NOT_FILTERABLE: {} cannot be faulted", row_of(call).name));
    }
    if (rule.destination && !may_have_peer(call)) {
      return Raised(fmt::format(
          "{}=: destination= needs a call with a peer (connect, sendto, recvfrom, write, read), "
          "not {}",
          key, row_of(call).name));
    }
  }
  rule.filter = std::move(named.calls);
  if (auto* hold = std::get_if<HoldAction>(&rule.action); hold != nullptr && hold->tag.empty()) {
    hold->tag = rule.label.empty() ? rule.key : rule.label;
  }
  return rule;
}

}  // namespace fb::spec
