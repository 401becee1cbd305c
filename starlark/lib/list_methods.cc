// The methods of list.
#include "starlark/eval/containers.h"
#include "starlark/eval/operators.h"
#include "starlark/lib/methods.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb::starlark::lib {
namespace {

constexpr ParamKind kPosOnly = ParamKind::kPositionalOnly;

List& self(const Call& call) {
  return *static_cast<List*>(call.self().object());
}

Outcome append(Call& call) {
  FB_TRY(self(call).check_mutable("append to"));
  self(call).append(call[0]);
  return Value::none();
}

Outcome clear(Call& call) {
  FB_TRY(self(call).check_mutable("clear"));
  self(call).clear();
  return Value::none();
}

Outcome extend(Call& call) {
  FB_TRY(self(call).check_mutable("extend"));
  return extend_list(call.thread(), call.self(), call[0]);
}

Outcome index(Call& call) {
  List& list = self(call);
  const auto [start, end] =
      FB_TRY(slice_bounds(call[1], call[2], static_cast<std::int64_t>(list.size())));
  for (std::int64_t i = start; i < end; ++i) {
    if (FB_TRY(equal(list[static_cast<std::size_t>(i)], call[0]))) return Value::small(i);
  }
  return call.fail("value not in list");
}

Outcome insert(Call& call) {
  List& list = self(call);
  std::int64_t at = FB_TRY(to_int32(call[0]));
  FB_TRY(list.check_mutable("insert into"));
  const auto n = static_cast<std::int64_t>(list.size());
  if (at < 0) at += n;
  list.insert(static_cast<std::size_t>(std::clamp<std::int64_t>(at, 0, n)), call[1]);
  return Value::none();
}

Outcome pop(Call& call) {
  List& list = self(call);
  const auto n = static_cast<std::int64_t>(list.size());
  const std::int64_t given = FB_TRY(to_int32(call[0]));
  const std::int64_t at = given < 0 ? given + n : given;
  if (at < 0 || at >= n) {
    if (n == 0) return call.fail(fmt::format("index {} out of range: empty list", given));
    return call.fail(fmt::format("list index {} out of range [{}:{}]", given, -n, n - 1));
  }
  FB_TRY(list.check_mutable("pop from"));
  return list.take(static_cast<std::size_t>(at));
}

Outcome remove(Call& call) {
  List& list = self(call);
  FB_TRY(list.check_mutable("remove from"));
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!FB_TRY(equal(list[i], call[0]))) continue;
    const Value gone = list.take(i);
    return Value::none();
  }
  return call.fail("element not found");
}

constexpr Param kValueParam[] = {{"x", types::kAny, {}, kPosOnly}};
constexpr Param kIterableParam[] = {{"iterable", types::kIterable, {}, kPosOnly}};
constexpr Param kIndexParams[] = {{"x", types::kAny, {}, kPosOnly},
                                  {"start", types::kAny, nullptr, kPosOnly},
                                  {"end", types::kAny, nullptr, kPosOnly}};
constexpr Param kInsertParams[] = {{"index", types::kInt, {}, kPosOnly},
                                   {"x", types::kAny, {}, kPosOnly}};
constexpr Param kPopParams[] = {{"index", types::kInt, -1, kPosOnly}};

constexpr BuiltinDef kMethods[] = {
    {"append", kValueParam, "Adds one item at the end.", append},
    {"clear", {}, "Removes every item.", clear},
    {"extend", kIterableParam, "Adds the items at the end.", extend},
    {"index", kIndexParams, "Where the value stands first; it must.", index, "int"},
    {"insert", kInsertParams, "Adds one item before that position.", insert},
    {"pop", kPopParams, "Removes and returns the item, by default the last.", pop, "Any"},
    {"remove", kValueParam, "Removes the first equal item; there must be one.", remove},
};

}  // namespace

std::span<const BuiltinDef> list_methods() {
  return kMethods;
}

}  // namespace fb::starlark::lib
