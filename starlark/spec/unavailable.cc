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

// Observers of brokers and databases need protocols that this version does not speak.
Outcome refuse_observer(Call&) {
  return Raised(
      "comes with version 0.4 of faultbox; this one observes stdout(), stderr(), tail() "
      "and poll()");
}

constexpr BuiltinDef observer(std::string_view name) {
  return {name, kAnything, "Comes with version 0.4: calling it is an error.", refuse_observer};
}

constexpr BuiltinDef kChoose = word("choose"), kMaybe = word("maybe"), kTopic = observer("topic"),
                     kWalStream = observer("wal_stream");

constexpr const BuiltinDef* kWords[] = {&kChoose, &kMaybe, &kTopic, &kWalStream};

}  // namespace

std::span<const BuiltinDef* const> unavailable_words() {
  return kWords;
}

}  // namespace fb::spec
