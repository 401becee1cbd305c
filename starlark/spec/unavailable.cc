#include "starlark/spec/unavailable.h"

#include <fmt/format.h>

namespace fb::spec {

using starlark::BuiltinDef;
using starlark::Call;
using starlark::Outcome;
using starlark::Param;
using starlark::ParamKind;
using starlark::Raised;

Raised not_available(std::string_view what) {
  return Raised(fmt::format("{} is not available yet in this version", what));
}

namespace {

constexpr Param kAnything[] = {{.name = "args", .kind = ParamKind::kArgs},
                               {.name = "kwargs", .kind = ParamKind::kKwargs}};

Outcome refuse(Call& call) {
  return not_available(call.def().name);
}

constexpr BuiltinDef word(std::string_view name) {
  return {name, kAnything, "Not available yet in this version: calling it is an error.", refuse};
}

constexpr BuiltinDef kBandwidth = word("bandwidth"), kChoose = word("choose"),
                     kCorrupt = word("corrupt"), kDrop = word("drop"),
                     kDuplicate = word("duplicate"), kError = word("error"),
                     kJsonDecoder = word("json_decoder"), kLogfmtDecoder = word("logfmt_decoder"),
                     kMaybe = word("maybe"), kPoll = word("poll"),
                     kRegexDecoder = word("regex_decoder"), kResponse = word("response"),
                     kStderr = word("stderr"), kStdout = word("stdout"), kTail = word("tail"),
                     kTopic = word("topic"), kTruncate = word("truncate"),
                     kWalStream = word("wal_stream");

constexpr const BuiltinDef* kWords[] = {
    &kBandwidth,   &kChoose,        &kCorrupt, &kDrop,  &kDuplicate,    &kError,
    &kJsonDecoder, &kLogfmtDecoder, &kMaybe,   &kPoll,  &kRegexDecoder, &kResponse,
    &kStderr,      &kStdout,        &kTail,    &kTopic, &kTruncate,     &kWalStream,
};

}  // namespace

std::span<const BuiltinDef* const> unavailable_words() {
  return kWords;
}

}  // namespace fb::spec
