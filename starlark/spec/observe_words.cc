// stdout(), stderr(), tail(), poll(), topic(), wal_stream() and the decoders: what
// service(observe=) takes (spec §16).
#include "core/trace/decoder.h"
#include "starlark/spec/observe_values.h"
#include "starlark/spec/words.h"

#include <fmt/format.h>

namespace fb::spec {

using starlark::BuiltinDef;
using starlark::HostType;
using starlark::Param;
using starlark::Types;
namespace types = starlark::types;

constexpr HostType kDecoderType{.name = "decoder", .doc = "How a line is taken apart into fields."};
constexpr HostType kObserveSourceType{.name = "observe_source",
                                      .doc = "Where lines of a service come from."};

std::string DecoderValue::str() const {
  switch (decoder.kind) {
    case DecoderSpec::Kind::kJson:
      return "<decoder json>";
    case DecoderSpec::Kind::kLogfmt:
      return "<decoder logfmt>";
    case DecoderSpec::Kind::kRegex:
      return "<decoder regex>";
    case DecoderSpec::Kind::kNone:
      break;
  }
  return "<decoder>";
}

std::string ObserveSourceValue::str() const {
  return fmt::format("<observe {}>", source_name(source.kind));
}

namespace {

constexpr Param kDecoder{.name = "decoder",
                         .types = Types(kDecoderType) | types::kNone,
                         .fallback = nullptr,
                         .doc =
                             "json_decoder(), logfmt_decoder() or regex_decoder(); without one "
                             "a line is the field `raw`."};

Outcome make_source(Call& call, ObserveSource source, size_t decoder) {
  if (call.given(decoder)) source.decoder = call.as<DecoderValue>(decoder)->decoder;
  return call.heap().make<ObserveSourceValue>(std::move(source));
}

constexpr Param kStreamParams[] = {kDecoder};

Outcome run_stdout(Call& call) {
  return make_source(call, {.kind = ObserveSource::Kind::kStdout}, 0);
}
Outcome run_stderr(Call& call) {
  return make_source(call, {.kind = ObserveSource::Kind::kStderr}, 0);
}

constexpr Param kTailParams[] = {
    {.name = "path", .types = types::kString, .doc = "As the service sees it."}, kDecoder};

Outcome run_tail(Call& call) {
  if (call.text(0).empty()) return call.fail_param(0, "the path is empty");
  return make_source(call, {.kind = ObserveSource::Kind::kTail, .path = std::string(call.text(0))},
                     1);
}

constexpr Param kPollParams[] = {
    {.name = "url", .types = types::kString, .doc = "\"host:port/path\"; http:// is assumed."},
    {.name = "interval",
     .types = types::kString,
     .fallback = "5s",
     .doc = "From one answer to the next question."},
    kDecoder};

Outcome run_poll(Call& call) {
  (void)FB_TRY(parse_poll_url(call.text(0)));
  const Duration interval = FB_TRY(parse_duration(call.text(1)));
  if (interval == Duration::zero()) return call.fail_param(1, "the interval is 0");
  return make_source(
      call,
      {.kind = ObserveSource::Kind::kPoll, .url = std::string(call.text(0)), .interval = interval},
      2);
}

constexpr Param kPatternParams[] = {
    {.name = "pattern", .types = types::kString, .doc = "RE2 syntax with groups (?P<name>…)."}};

Outcome run_json_decoder(Call& call) {
  return call.heap().make<DecoderValue>(DecoderSpec{DecoderSpec::Kind::kJson, ""});
}
Outcome run_logfmt_decoder(Call& call) {
  return call.heap().make<DecoderValue>(DecoderSpec{DecoderSpec::Kind::kLogfmt, ""});
}
Outcome run_regex_decoder(Call& call) {
  DecoderSpec decoder{DecoderSpec::Kind::kRegex, std::string(call.text(0))};
  (void)FB_TRY(Decoder::make(decoder));
  return call.heap().make<DecoderValue>(std::move(decoder));
}

}  // namespace

constexpr BuiltinDef kJsonDecoder{"json_decoder",
                                  {},
                                  "Top-level keys of a JSON object become fields.",
                                  run_json_decoder,
                                  "decoder"};
constexpr BuiltinDef kLogfmtDecoder{
    "logfmt_decoder", {}, "Pairs k=v and k=\"v w\" become fields.", run_logfmt_decoder, "decoder"};
constexpr BuiltinDef kPoll{"poll", kPollParams,
                           "Asks a URL again and again, from when the service is ready.", run_poll,
                           "observe_source"};
constexpr BuiltinDef kRegexDecoder{"regex_decoder", kPatternParams,
                                   "The named groups of a match become fields.", run_regex_decoder,
                                   "decoder"};
constexpr BuiltinDef kStderr{"stderr", kStreamParams,
                             "Each line of the service's standard error is an event.", run_stderr,
                             "observe_source"};
constexpr BuiltinDef kStdout{"stdout", kStreamParams,
                             "Each line of the service's standard output is an event.", run_stdout,
                             "observe_source"};
constexpr BuiltinDef kTail{"tail", kTailParams, "Each line that is appended to a file is an event.",
                           run_tail, "observe_source"};

}  // namespace fb::spec
