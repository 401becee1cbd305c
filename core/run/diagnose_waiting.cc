#include "core/run/diagnose_waiting.h"

#include "core/base/text.h"
#include "core/trace/syscall_summary.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace fb {
namespace {

std::string held_text(std::span<const HeldReport> held) {
  std::vector<std::string> calls;
  for (const HeldReport& call : held)
    calls.push_back(fmt::format("{} {}{}{} [{}] for {}", call.service, call.syscall,
                                call.path.empty() ? "" : " ", call.path, call.tag,
                                format_duration(std::chrono::milliseconds(call.age_ms))));
  return join(calls, ", ");
}

// The same call on the same object, faulted again and again while a step waits.
struct Retried {
  const Event* first = nullptr;
  const Event* last = nullptr;
  uint64_t count = 0;
};

std::optional<Retried> most_retried(const TimedOut& timeout) {
  std::map<std::string, Retried> calls;
  const auto& events = timeout.log.events();
  for (const Event& event : events) {
    if (event.type != EventType::kSyscall || !event.has("rule") ||
        !is_faulted_decision(event.field("decision")))
      continue;
    const bool pending =
        std::any_of(timeout.steps.begin(), timeout.steps.end(), [&](const StepWindow& step) {
          return step.received == 0 && in_window(events, step, event, timeout.by_clock);
        });
    if (!pending) continue;
    const std::string_view object = event.has("path") ? event.field("path") : event.field("dest");
    Retried& call = calls[fmt::format("{} {} {}", event.service, event.field("syscall"), object)];
    if (call.first == nullptr) call.first = &event;
    call.last = &event;
    ++call.count;
  }
  const auto most = std::max_element(calls.begin(), calls.end(), [](const auto& a, const auto& b) {
    return a.second.count < b.second.count;
  });
  if (most == calls.end()) return std::nullopt;
  return most->second;
}

std::string retried_text(const Retried& call) {
  const Event& last = *call.last;
  const std::string_view object = last.has("path") ? last.field("path") : last.field("dest");
  std::string text = fmt::format("{}: {}{}{} got {}", last.service, last.field("syscall"),
                                 object.empty() ? "" : " ", object, last.field("decision"));
  if (call.count == 1) return text + fmt::format(" once (#{})", last.seq);
  const Duration pause =
      (last.time - call.first->time) / static_cast<Duration::rep>(call.count - 1);
  using std::chrono::milliseconds;
  return text + fmt::format(" {} times, every {}, last #{}", call.count,
                            format_duration(std::chrono::duration_cast<milliseconds>(pause)),
                            last.seq);
}

std::string blocked_text(std::span<const TimedOut::Blocked> services) {
  std::vector<std::string> parts;
  for (const TimedOut::Blocked& service : services)
    if (!service.calls.empty())
      parts.push_back(fmt::format("{} in {}", service.service, join(service.calls, ", ")));
  return join(parts, "; ");
}

}  // namespace

std::optional<Diagnostic> timeout_diagnostic(const TimedOut& timeout) {
  if (!timeout.held.empty())
    return Diagnostic{
        .code = "TIMEOUT_DURING_FAULT",
        .message = "the test timed out while calls were held: " + held_text(timeout.held),
        .suggestion = "release() them, or close the scope that holds them"};
  if (const std::optional<Retried> call = most_retried(timeout)) {
    Diagnostic diagnostic{.code = "TIMEOUT_DURING_FAULT",
                          .message = "the test timed out in a step during which a fault fired: " +
                                     retried_text(*call)};
    diagnostic.service = call->last->service;
    diagnostic.syscall = call->last->field("syscall");
    diagnostic.suggestion = call->count > 1 ? "the call is retried without end or without a limit"
                                            : "what followed the fault never answered the step";
    diagnostic.events = {call->first->seq};
    if (call->count > 1) diagnostic.events.push_back(call->last->seq);
    return diagnostic;
  }
  if (timeout.hits > 0) return std::nullopt;
  Diagnostic diagnostic{.code = "TIMEOUT_NO_FAULT_FIRED",
                        .message = "the test timed out and no fault had fired",
                        .suggestion = "faults are not the cause"};
  const std::string blocked = blocked_text(timeout.services);
  if (!blocked.empty()) diagnostic.suggestion += "; waiting: " + blocked;
  return diagnostic;
}

void add_holds_left(TestResult& result) {
  if (result.held.empty()) return;
  Diagnostic diagnostic{.level = Diagnostic::Level::kWarning, .code = "HOLD_LEFT"};
  diagnostic.message = "the test ended with held calls: " + held_text(result.held);
  diagnostic.suggestion = "release() them in the test, so that what follows them is tested too";
  for (const HeldReport& call : result.held) diagnostic.events.push_back(call.seq);
  const bool one_service = std::all_of(
      result.held.begin(), result.held.end(),
      [&](const HeldReport& call) { return call.service == result.held.front().service; });
  if (one_service) diagnostic.service = result.held.front().service;
  result.diagnostics.push_back(std::move(diagnostic));
}

}  // namespace fb
