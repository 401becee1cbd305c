#include "starlark/spec/protocol_actions.h"

#include "starlark/eval/containers.h"
#include "starlark/eval/operators.h"
#include "starlark/spec/json_value.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb::spec {

using starlark::BuiltinDef;
using starlark::HostType;
using starlark::kOptional;
using starlark::Param;
using starlark::ParamKind;
namespace types = starlark::types;

constexpr HostType kProxyFaultType{
    .name = "proxy_fault",
    .doc = "An action for messages of an interface: what a matching one meets in its proxy."};

std::string ProxyFaultValue::str() const {
  return fmt::format("<proxy_fault {}>", protocol_action_name(rule.action));
}

namespace {

constexpr Param match_key(std::string_view name, std::string_view doc) {
  return {.name = name,
          .types = types::kString | types::kNone,
          .fallback = nullptr,
          .kind = ParamKind::kKeywordOnly,
          .doc = doc};
}
constexpr Param kMethod = match_key("method", "Match key of http, grpc and mongodb.");
constexpr Param kPath = match_key("path", "Match key of http, without the query string.");
constexpr Param kQuery = match_key("query", "Match key of postgres and mysql: statement text.");
constexpr Param kCommand =
    match_key("command", "Match key of redis, memcached, kafka, mongodb, amqp and nats.");
constexpr Param kKey = match_key("key", "Match key of redis, memcached and mongodb.");
constexpr Param kTopic = match_key("topic", "Match key of kafka, amqp and nats.");
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
                             "messages."};
constexpr Param trigger_word(std::string_view name, std::string_view doc) {
  return {.name = name,
          .types = types::kInt | types::kNone,
          .fallback = nullptr,
          .kind = ParamKind::kKeywordOnly,
          .doc = doc};
}
constexpr Param kNth = trigger_word("nth", "Only the N-th matching message.");
constexpr Param kAfter = trigger_word("after", "Only the messages after the N-th.");
constexpr Param kEvery = trigger_word("every", "Every N-th matching message.");
constexpr Param kFirst = trigger_word("first", "Only the first N matching messages.");
constexpr Param kLabel{.name = "label",
                       .types = types::kString | types::kNone,
                       .fallback = nullptr,
                       .kind = ParamKind::kKeywordOnly,
                       .doc = "Shown with every event the rule makes."};

constexpr std::string_view kMatchKeys[] = {"command", "key", "method", "path", "query", "topic"};

// truncate() has an after= of another meaning: by position too.
bool is_trigger_word(const Param& param) {
  return param.kind == ParamKind::kKeywordOnly &&
         (param.name == kNth.name || param.name == kAfter.name || param.name == kEvery.name ||
          param.name == kFirst.name);
}

// What all builders share, by the names of the row.
Fallible<ProtocolRule> read_common(Call& call, ProtocolAction action) {
  ProtocolRule rule;
  rule.action = action;
  std::string_view trigger_given_by;
  const auto params = call.def().params;
  for (size_t i = 0; i < params.size(); ++i) {
    if (!call.given(i)) continue;
    const std::string_view name = params[i].name;
    if (std::find(std::begin(kMatchKeys), std::end(kMatchKeys), name) != std::end(kMatchKeys)) {
      rule.match.emplace_back(name, call.text(i));
    } else if (name == "probability") {
      rule.probability = FB_TRY(read_probability(call[i]));
    } else if (name == "trigger" || is_trigger_word(params[i])) {
      if (!trigger_given_by.empty())
        return Raised(fmt::format("takes one trigger, not {}= and {}=", trigger_given_by, name));
      trigger_given_by = name;
      rule.trigger = name == "trigger" ? FB_TRY(read_trigger(call[i]))
                                       : FB_TRY(read_trigger_word(name, call[i]));
    } else if (name == "label") {
      rule.label = call.text(i);
    }
  }
  std::sort(rule.match.begin(), rule.match.end());
  return rule;
}

// By name; absent when the row has no such parameter.
const Value& named(Call& call, std::string_view name) {
  const auto params = call.def().params;
  for (size_t i = 0; i < params.size(); ++i)
    if (params[i].name == name) return call[i];
  static const Value absent;
  return absent;
}
bool is_given(const Value& value) {
  return !value.absent() && !value.is_none();
}

// Texts are taken as they are, other values as their JSON.
Fallible<std::string> read_body(const Value& value) {
  if (value.is_string()) return std::string(value.as_string());
  return FB_TRY(json_from_value(value));
}

Fallible<bool> read_headers(const Value& value, ProtocolRule& rule) {
  const auto* dict = value.as<starlark::Dict>();
  for (const auto& entry : dict->table.entries()) {
    if (entry.key.absent()) continue;
    if (!entry.key.is_string()) return Raised("headers= must have names that are strings");
    std::optional<std::string> text;
    if (entry.value.is_string() || entry.value.is_int()) text = starlark::str(entry.value);
    if (!text && !entry.value.is_none())
      return Raised(fmt::format("headers=: the value of \"{}\" is {}, want string or None",
                                entry.key.as_string(), entry.value.type_name()));
    rule.headers.emplace_back(entry.key.as_string(), std::move(text));
  }
  return true;
}

Fallible<int64_t> read_status(Call& call, size_t i) {
  const int64_t status = FB_TRY(call.integer(i));
  if (status < 0 || status > 65535)
    return Raised(fmt::format("status={} is out of range (0 to 65535)", status));
  return status;
}

// Integer bytes, or a number with KB, MB or GB (powers of 1024), as spec §2.1 has it.
Fallible<uint64_t> read_size(Call& call, size_t i, std::string_view name, bool rate) {
  const Value& value = call[i];
  const auto wrong = [&](std::string_view text) {
    return Raised(fmt::format("{}= {} is no {}: write {}", name, text, rate ? "rate" : "size",
                              rate ? "\"64KB/s\" or bytes per second" : "\"64KB\" or bytes"));
  };
  if (value.is_int()) {
    const int64_t bytes = FB_TRY(call.integer(i));
    if (bytes < 0 || (rate && bytes == 0)) return wrong(std::to_string(bytes));
    return static_cast<uint64_t>(bytes);
  }
  std::string_view text = value.as_string();
  const std::string quoted = "\"" + std::string(text) + "\"";
  if (rate && text.ends_with("/s")) text.remove_suffix(2);
  uint64_t unit = 1;
  for (const auto& [suffix, factor] : {std::pair<std::string_view, uint64_t>{"KB", 1024},
                                       {"MB", 1024 * 1024},
                                       {"GB", 1024 * 1024 * 1024}}) {
    if (!text.ends_with(suffix)) continue;
    unit = factor;
    text.remove_suffix(2);
    break;
  }
  if (unit == 1 && text.ends_with('B')) text.remove_suffix(1);
  if (text.empty() || text.size() > 9 ||
      text.find_first_not_of("0123456789") != std::string_view::npos)
    return wrong(quoted);
  uint64_t number = 0;
  for (const char c : text) number = number * 10 + static_cast<uint64_t>(c - '0');
  if (rate && number == 0) return wrong(quoted);
  return number * unit;
}

Fallible<FlowDirection> read_direction(std::string_view text) {
  if (const auto direction = parse_flow_direction(text)) return *direction;
  return Raised(fmt::format("direction=\"{}\" must be \"up\", \"down\" or \"both\"", text));
}

Outcome finish(Call& call, ProtocolRule rule) {
  return call.heap().make<ProxyFaultValue>(std::move(rule));
}

constexpr Param kStatus{.name = "status",
                        .types = types::kInt | types::kNone,
                        .fallback = nullptr,
                        .kind = ParamKind::kKeywordOnly,
                        .doc = "Numeric code of the protocol."};

constexpr Param kResponseParams[] = {
    kStatus,
    {.name = "body",
     .fallback = nullptr,
     .kind = ParamKind::kKeywordOnly,
     .doc = "What the reply holds; a list or dict is sent as JSON."},
    {.name = "value",
     .fallback = nullptr,
     .kind = ParamKind::kKeywordOnly,
     .doc = "The same under another name; memcached: the stored value."},
    {.name = "headers",
     .types = types::kDict | types::kNone,
     .fallback = nullptr,
     .kind = ParamKind::kKeywordOnly,
     .doc = "Headers of the reply; alone, they change the real one (None removes)."},
    kMethod,
    kPath,
    kQuery,
    kCommand,
    kKey,
    kTopic,
    kProbability,
    kTrigger,
    kNth,
    kAfter,
    kEvery,
    kFirst,
    kLabel};
Outcome run_response(Call& call) {
  ProtocolRule rule = FB_TRY(read_common(call, ProtocolAction::kRespond));
  if (call.given(0)) rule.status = FB_TRY(read_status(call, 0));
  if (call.given(1) && call.given(2)) return Raised("takes body= or value=, not both");
  for (const size_t i : {size_t{1}, size_t{2}}) {
    if (!call.given(i)) continue;
    rule.body = FB_TRY(read_body(call[i]));
    rule.body_is_value = i == 2;
  }
  if (call.given(3)) FB_TRY(read_headers(call[3], rule));
  return finish(call, std::move(rule));
}

constexpr Param kErrorParams[] = {{.name = "message",
                                   .types = types::kString | types::kNone,
                                   .fallback = nullptr,
                                   .kind = ParamKind::kKeywordOnly,
                                   .doc = "Text of the error."},
                                  kStatus,
                                  {.name = "code",
                                   .types = types::kString | types::kNone,
                                   .fallback = nullptr,
                                   .kind = ParamKind::kKeywordOnly,
                                   .doc = "Code as text: SQLSTATE, Kafka error name."},
                                  kMethod,
                                  kPath,
                                  kQuery,
                                  kCommand,
                                  kKey,
                                  kTopic,
                                  kProbability,
                                  kTrigger,
                                  kNth,
                                  kAfter,
                                  kEvery,
                                  kFirst,
                                  kLabel};
Outcome run_error(Call& call) {
  ProtocolRule rule = FB_TRY(read_common(call, ProtocolAction::kError));
  if (call.given(0)) rule.message = call.text(0);
  if (call.given(1)) rule.status = FB_TRY(read_status(call, 1));
  if (call.given(2)) rule.code = call.text(2);
  return finish(call, std::move(rule));
}

constexpr Param kPlainParams[] = {kMethod,  kPath, kQuery, kCommand, kKey,   kTopic, kProbability,
                                  kTrigger, kNth,  kAfter, kEvery,   kFirst, kLabel};
Outcome run_drop(Call& call) {
  return finish(call, FB_TRY(read_common(call, ProtocolAction::kDrop)));
}
Outcome run_duplicate(Call& call) {
  return finish(call, FB_TRY(read_common(call, ProtocolAction::kDuplicate)));
}

constexpr Param kDirection{.name = "direction",
                           .types = types::kString,
                           .fallback = "both",
                           .kind = ParamKind::kKeywordOnly,
                           .doc = "\"up\" (to the server), \"down\" or \"both\"."};
constexpr Param kCorruptParams[] = {kDirection,
                                    {.name = "bytes",
                                     .types = types::kInt,
                                     .fallback = 1,
                                     .kind = ParamKind::kKeywordOnly,
                                     .doc = "How many bytes of a chunk are changed."},
                                    kProbability,
                                    kTrigger,
                                    kNth,
                                    kAfter,
                                    kEvery,
                                    kFirst,
                                    kLabel};
Outcome run_corrupt(Call& call) {
  ProtocolRule rule = FB_TRY(read_common(call, ProtocolAction::kCorrupt));
  rule.direction = FB_TRY(read_direction(call.text(0)));
  const int64_t bytes = FB_TRY(call.integer(1));
  if (bytes < 1) return Raised(fmt::format("bytes={} must be at least 1", bytes));
  rule.amount = static_cast<uint64_t>(bytes);
  return finish(call, std::move(rule));
}

constexpr Param kTruncateParams[] = {{.name = "after",
                                      .types = types::kInt | types::kString,
                                      .doc = "Bytes that still pass: a number or \"64KB\"."},
                                     kDirection,
                                     kProbability,
                                     kTrigger,
                                     kLabel};
Outcome run_truncate(Call& call) {
  ProtocolRule rule = FB_TRY(read_common(call, ProtocolAction::kTruncate));
  rule.amount = FB_TRY(read_size(call, 0, "after", false));
  rule.direction = FB_TRY(read_direction(call.text(1)));
  return finish(call, std::move(rule));
}

constexpr Param kBandwidthParams[] = {{.name = "rate",
                                       .types = types::kInt | types::kString,
                                       .doc = "Bytes per second: a number or \"64KB/s\"."},
                                      kDirection,
                                      kProbability,
                                      kTrigger,
                                      kNth,
                                      kAfter,
                                      kEvery,
                                      kFirst,
                                      kLabel};
Outcome run_bandwidth(Call& call) {
  ProtocolRule rule = FB_TRY(read_common(call, ProtocolAction::kBandwidth));
  rule.amount = FB_TRY(read_size(call, 0, "rate", true));
  rule.direction = FB_TRY(read_direction(call.text(1)));
  return finish(call, std::move(rule));
}

}  // namespace

constexpr BuiltinDef kBandwidth{"bandwidth", kBandwidthParams,
                                "Paces the bytes of a tcp interface.", run_bandwidth,
                                "proxy_fault"};
constexpr BuiltinDef kCorrupt{"corrupt", kCorruptParams, "Changes bytes of a tcp interface.",
                              run_corrupt, "proxy_fault"};
constexpr BuiltinDef kDrop{"drop", kPlainParams,
                           "The message gets no reply: its connection is cut, or it vanishes.",
                           run_drop, "proxy_fault"};
constexpr BuiltinDef kDuplicate{"duplicate", kPlainParams,
                                "The server gets the message twice, the client the first reply.",
                                run_duplicate, "proxy_fault"};
constexpr BuiltinDef kError{"error", kErrorParams,
                            "An error of the protocol answers the message; the server never sees "
                            "it.",
                            run_error, "proxy_fault"};
constexpr BuiltinDef kResponse{"response", kResponseParams,
                               "A reply of ours answers the message; the server never sees it.",
                               run_response, "proxy_fault"};
constexpr BuiltinDef kTruncate{"truncate", kTruncateParams,
                               "Cuts a connection of a tcp interface after some bytes.",
                               run_truncate, "proxy_fault"};

Outcome make_protocol_delay(Call& call) {
  if (is_given(named(call, "destination")))
    return Raised("destination= is for rules of a service, not with delay=");
  ProtocolRule rule = FB_TRY(read_common(call, ProtocolAction::kDelay));
  rule.delay = FB_TRY(parse_duration(named(call, "delay").as_string()));
  return finish(call, std::move(rule));
}

Fallible<ProtocolRule> make_protocol_rule(const Session& session, const InterfaceRef& interface,
                                          const ProxyFaultValue& fault) {
  const std::string& protocol = interface.spec().protocol;
  FB_TRY(check_protocol_rule(protocol, fault.rule));
  FB_TRY(session.clients.check_rule(protocol, fault.rule));
  return fault.rule;
}

Fallible<bool> require_proxied(Call& call, const InterfaceRef& interface) {
  if (interface.spec().proxied) return true;
  session_of(call).extension = RecordedExtension{.service = interface.owner().name,
                                                 .word = interface.spec().name,
                                                 .calls = {},
                                                 .interface = interface.spec().name};
  return bare_failure(fmt::format("rules on {} were met only at run time", interface.text()),
                      "restart");
}

}  // namespace fb::spec
