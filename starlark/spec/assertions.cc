// assert_true(), assert_eq(): assertions about values (spec §15.1).
#include "starlark/eval/operators.h"
#include "starlark/spec/words.h"

#include <fmt/format.h>

namespace fb::spec {

using starlark::BuiltinDef;
using starlark::kOptional;
using starlark::Param;

namespace {

constexpr Param kMessage{.name = "message", .fallback = kOptional};

constexpr Param kAssertTrueParams[] = {{.name = "cond"}, kMessage};

Outcome run_assert_true(Call& call) {
  FB_TRY(running(call));
  session_of(call).facts.asserted = true;
  if (call[0].truth()) return Value::none();
  if (call.given(1)) return bare_failure(starlark::str(call[1]), "assertion");
  std::string condition = one_spaced(call.source_text(0));
  if (condition.empty()) condition = starlark::repr(call[0]);
  return bare_failure("assertion failed: " + condition, "assertion");
}

constexpr Param kAssertEqParams[] = {{.name = "a"}, {.name = "b"}, kMessage};

Outcome run_assert_eq(Call& call) {
  FB_TRY(running(call));
  session_of(call).facts.asserted = true;
  if (FB_TRY(starlark::equal(call[0], call[1]))) return Value::none();
  std::string text =
      fmt::format("assert_eq failed: {} != {}", starlark::repr(call[0]), starlark::repr(call[1]));
  if (call.given(2)) text += fmt::format(" ({})", starlark::str(call[2]));
  return bare_failure(std::move(text), "assertion");
}

}  // namespace

constexpr BuiltinDef kAssertEq{"assert_eq", kAssertEqParams, "Fails unless the values are equal.",
                               run_assert_eq};
constexpr BuiltinDef kAssertTrue{
    "assert_true", kAssertTrueParams,
    "Fails unless the condition holds; the message is then the whole reason.", run_assert_true};

}  // namespace fb::spec
