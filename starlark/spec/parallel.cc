// parallel(): branches that run concurrently, each a fiber with its own Starlark thread (spec
// §13.1).
#include "starlark/eval/containers.h"
#include "starlark/spec/words.h"

#include <fmt/format.h>
#include <functional>

namespace fb::spec {

using starlark::BuiltinDef;
using starlark::Param;
using starlark::ParamKind;

namespace {

constexpr size_t kBranchesMax = 254;

constexpr Param kParallelParams[] = {
    {.name = "callables", .kind = ParamKind::kArgs, .doc = "Each is called without arguments."}};

// The lowest failure, carrying on what it knew and what else failed.
Raised merge_failures(const std::vector<std::optional<Outcome>>& results) {
  std::optional<SpecFailure> merged;
  std::string text;
  for (size_t i = 0; i < results.size(); ++i) {
    if (results[i]->ok()) continue;
    const Failure& failure = results[i]->failure();
    if (merged) {
      merged->detail.also.push_back(
          fmt::format("parallel() callable {} failed: {}", i, reason_of(failure)));
      continue;
    }
    text = fmt::format("parallel() callable {} failed: {}", i, reason_of(failure));
    const TestFailure told = to_test_failure(failure);
    const auto* known = failure.payload_as<SpecFailure>();
    merged.emplace();
    merged->type = told.type;
    merged->detail = told.detail;  // where it happened in the branch
    if (known != nullptr) merged->more = known->more;
  }
  return bare_failure(std::move(text), std::move(*merged));
}

Outcome run_parallel(Call& call) {
  Execution* execution = FB_TRY(acting(call));
  Session& session = session_of(call);
  const ActorId actor = flow_of(call).actor;
  const std::vector<Value> callables(call.rest().begin(), call.rest().end());
  if (callables.empty()) return Raised("needs at least one callable");
  if (callables.size() > kBranchesMax) {
    return Raised(
        fmt::format("takes at most {} callables, got {}", kBranchesMax, callables.size()));
  }
  if (actor.process >> 24 != 0) return Raised("can be nested at most four levels deep");
  for (size_t i = 0; i < callables.size(); ++i) {
    if (!callables[i].callable()) {
      return Raised(fmt::format("callable {}: got {}, want callable", i, callables[i].type_name()));
    }
  }
  std::vector<std::optional<Outcome>> results(callables.size());
  std::vector<std::function<void(ActorId)>> branches;
  for (size_t i = 0; i < callables.size(); ++i) {
    // A branch that is unwound may outlive this call: it only touches `results` when it returns.
    branches.emplace_back([&session, callable = callables[i], &results, i](ActorId branch) {
      FlowThread flow(session, actor_name(branch, {}), Flow{.actor = branch});
      results[i].emplace(flow.thread().call(callable));
    });
  }
  execution->parallel(actor, std::move(branches));
  Value list = call.heap().list();
  for (std::optional<Outcome>& result : results) {
    // Without a result the branch was unwound: the test has been ended.
    if (!result) return Raised("the test was ended");
  }
  for (std::optional<Outcome>& result : results) {
    if (!result->ok()) return merge_failures(results);
    list.as<starlark::List>()->append(std::move(*result).value());
  }
  return list;
}

}  // namespace

constexpr BuiltinDef kParallel{
    "parallel", kParallelParams,
    "Runs functions concurrently and joins them; returns their results in argument order.",
    run_parallel, "list"};

}  // namespace fb::spec
