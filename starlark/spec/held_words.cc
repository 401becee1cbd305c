// release(), held(), wait_held(): the gates that hold() opens (spec §10).
#include "core/base/text.h"
#include "starlark/eval/containers.h"
#include "starlark/spec/held_value.h"
#include "starlark/spec/words.h"

#include <fmt/format.h>
#include <set>

namespace fb::spec {

using starlark::BuiltinDef;
using starlark::Param;
namespace types = starlark::types;

namespace {

// The tags of every hold that some scope of this test ever had.
std::vector<std::string> known_tags(Execution& execution) {
  std::set<std::string> tags;
  for (const RuleScope& scope : execution.rules().history()) {
    for (const RuleState& state : scope.rules) {
      if (const auto* hold = std::get_if<HoldAction>(&state.rule.action)) tags.insert(hold->tag);
    }
  }
  return {tags.begin(), tags.end()};
}

Fallible<bool> check_tag(Execution& execution, std::string_view tag) {
  const std::vector<std::string> known = known_tags(execution);
  for (const std::string& name : known) {
    if (name == tag) return true;
  }
  return Raised(unknown("tag", tag, known));
}

Value held_list(Call& call, Execution& execution, const std::vector<HeldCall>& calls) {
  Value list = call.heap().list();
  for (const HeldCall& held : calls) {
    list.as<starlark::List>()->append(make_held(call.heap(), held,
                                                execution.topology().at(held.service).name,
                                                execution.clock().now() - held.since));
  }
  return list;
}

constexpr Param kReleaseParams[] = {{.name = "tag", .types = types::kString},
                                    {.name = "n",
                                     .types = types::kInt | types::kNone,
                                     .fallback = nullptr,
                                     .doc = "How many of the oldest; default all."},
                                    {.name = "error",
                                     .types = types::kString | types::kNone,
                                     .fallback = nullptr,
                                     .doc = "The calls fail with this errno instead."}};

Outcome run_release(Call& call) {
  Execution* execution = FB_TRY(acting(call));
  FB_TRY(check_tag(*execution, call.text(0)));
  std::optional<size_t> n;
  if (call.given(1)) {
    const int64_t count = FB_TRY(call.integer(1));
    if (count < 0) return call.fail_param(1, fmt::format("got {}, want at least 0", count));
    n = static_cast<size_t>(count);
  }
  std::optional<int> error;
  if (call.given(2)) error = FB_TRY(read_errno(call.text(2))).number;
  return call.heap().integer(
      static_cast<int64_t>(execution->scheduler().release(call.text(0), n, error)));
}

constexpr Param kHeldParams[] = {
    {.name = "tag", .types = types::kString | types::kNone, .fallback = nullptr}};

Outcome run_held(Call& call) {
  Execution* execution = FB_TRY(running(call));
  std::optional<std::string_view> tag;
  if (call.given(0)) {
    tag = call.text(0);
    FB_TRY(check_tag(*execution, *tag));
  }
  return held_list(call, *execution, execution->scheduler().held(tag));
}

constexpr Param kWaitHeldParams[] = {
    {.name = "tag", .types = types::kString},
    {.name = "n", .types = types::kInt, .fallback = 1, .doc = "At least so many calls."},
    {.name = "timeout", .types = types::kString, .fallback = "5s"}};

Outcome run_wait_held(Call& call) {
  Execution* execution = FB_TRY(acting(call));
  const std::string tag(call.text(0));
  const int64_t n = FB_TRY(call.integer(1));
  if (n < 1) return call.fail_param(1, fmt::format("got {}, want at least 1", n));
  const Duration limit = FB_TRY(parse_duration(call.text(2)));
  Scheduler& scheduler = execution->scheduler();
  const bool reached = execution->await_events(
      limit, [&] { return scheduler.held(tag).size() >= static_cast<size_t>(n); });
  if (reached) return held_list(call, *execution, scheduler.held(tag));
  SpecFailure failure;
  for (const HeldCall& held : scheduler.held(std::nullopt)) {
    failure.more += fmt::format("  held: #{} {} {}{} \"{}\"\n", held.seq,
                                execution->topology().at(held.service).name, held.syscall,
                                held.path.empty() ? "" : " " + held.path, held.tag);
  }
  return bare_failure(
      fmt::format("wait_held: {} of {} calls held for {} after {}", scheduler.held(tag).size(), n,
                  quote(tag), format_duration(limit)),
      std::move(failure));
}

}  // namespace

constexpr BuiltinDef kHeld{"held", kHeldParams, "The calls that wait now, oldest first.", run_held,
                           "list[held_call]"};
constexpr BuiltinDef kRelease{"release", kReleaseParams,
                              "Lets held calls of a tag go; returns how many.", run_release, "int"};
constexpr BuiltinDef kWaitHeld{"wait_held", kWaitHeldParams,
                               "Waits until calls of a tag are held, and returns them.",
                               run_wait_held, "list[held_call]"};

}  // namespace fb::spec
