// A log written by hand: services "api" and "db", a millisecond from event to event.
#pragma once
#include "core/run/step_window.h"
#include "core/run/test_result.h"
#include "core/trace/event_log.h"

#include <string>
#include <utility>
#include <vector>

namespace fb::test {

class LogBuilder {
 public:
  static constexpr ServiceId kApi{0}, kDb{1};
  using Fields = std::vector<std::pair<std::string, std::string>>;

  uint64_t add(ServiceId service, EventType type, Fields fields = {}) {
    now_ = now_ + std::chrono::milliseconds(1);
    return log_.append(service, type, now_, std::move(fields)).seq;
  }
  // A step of the test; ends with the answer's status and ok. Returns its position in steps().
  size_t send(const std::string& target, const std::string& method, const std::string& protocol) {
    steps_.push_back({.sent = add(kTestDriver, EventType::kStepSend,
                                  {{"target", target},
                                   {"method", method},
                                   {"interface", "main"},
                                   {"protocol", protocol}})});
    return steps_.size() - 1;
  }
  uint64_t receive(size_t step, const std::string& status, bool ok) {
    const Event& sent = log_.at(steps_[step].sent);
    return steps_[step].received = add(kTestDriver, EventType::kStepRecv,
                                       {{"target", std::string(sent.field("target"))},
                                        {"method", std::string(sent.field("method"))},
                                        {"status", status},
                                        {"ok", ok ? "true" : "false"}});
  }
  // `rule` empty: none fired.
  uint64_t call(ServiceId service, const std::string& name, const std::string& decision,
                const std::string& path, const std::string& rule = "") {
    Fields fields = {{"syscall", name}, {"pid", "7"}, {"decision", decision}};
    if (!path.empty()) fields.emplace_back("path", path);
    if (!rule.empty()) fields.emplace_back("rule", rule);
    return add(service, EventType::kSyscall, std::move(fields));
  }
  void knows(ServiceId service, uint64_t seq) { log_.merge_into(service, log_.at(seq).clock); }
  void pass(Duration time) { now_ = now_ + time; }

  EventLog& log() { return log_; }
  const std::vector<StepWindow>& steps() const { return steps_; }
  Instant now() const { return now_; }

  // A finished test with this log.
  TestResult result(Verdict verdict) const {
    TestResult result;
    result.name = "test_x";
    result.result = verdict;
    result.events.assign(log_.events().begin(), log_.events().end());
    result.service_names = {"api", "db"};
    return result;
  }

 private:
  EventLog log_{{"api", "db"}};
  Instant now_;
  std::vector<StepWindow> steps_;
};

// One entry of faults[]: `service: key=action(…)`.
inline FaultReport fault_of(const std::string& service, const std::string& key,
                            const std::string& action, uint64_t hits,
                            const std::string& path = "") {
  FaultReport fault;
  fault.service = service;
  fault.syscall = key;
  fault.action = action;
  fault.hits = hits;
  fault.path = path;
  if (action == "deny") fault.error_name = "EIO";
  if (action == "delay") fault.duration = "500ms";
  const std::string argument = action == "deny" ? "EIO" : action == "delay" ? "500ms" : "gate";
  fault.rule = "|" + key + "=" + action + "(" + argument + ")" +
               (path.empty() ? "" : " path=" + path) + "|0";
  return fault;
}

inline const Diagnostic* find_diagnostic(const TestResult& result, std::string_view code) {
  for (const Diagnostic& diagnostic : result.diagnostics)
    if (diagnostic.code == code) return &diagnostic;
  return nullptr;
}

}  // namespace fb::test
