// The finished result of one test: everything the outputs of spec §18 show. A plain value.
#pragma once
#include "core/base/time.h"
#include "core/model/event.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fb {

enum class Verdict : uint8_t { kPass, kFail, kCancelled };
std::string_view verdict_name(Verdict verdict);  // "pass", "fail", "cancelled"

struct Diagnostic {
  enum class Level : uint8_t { kError, kWarning, kInfo };
  Level level = Level::kError;
  std::string code;  // of spec §19
  std::string message;
  std::string suggestion;
  std::string service;  // optional
  std::string syscall;  // optional
  std::vector<uint64_t> events;
  std::string position;  // FILE:LINE:COL, optional
  bool operator==(const Diagnostic&) const = default;
};
std::string_view level_name(Diagnostic::Level level);

struct FaultReport {  // one entry of faults[]
  std::string service, syscall, action, error_name;
  uint64_t hits = 0;
  std::string label;
  std::string op, duration, path, destination, probability, trigger;
  uint64_t matched = 0;
  std::string rule;
  std::vector<std::string> filter;
  std::string applied;  // as §8.8 writes it; for the human report
};

struct SyscallCounts {
  uint64_t total = 0, faulted = 0;
  std::map<std::string, uint64_t> breakdown;
};

struct ErrorDetail {
  std::string assertion_type;  // = failure_type
  std::string message;
  std::string builtin, position;
  std::vector<std::string> backtrace;
  std::vector<uint64_t> closest;  // seqs
  std::optional<uint64_t> event;
  std::vector<std::string> also;
};

struct ServiceReport {
  std::string name;
  std::optional<int> exit_code, signal;
  std::string output_tail;  // last 20 lines
};

struct ExplorationReport {  // exploration.md §13
  std::string mode, strategy;
  std::map<std::string, std::string> level;
  uint64_t executions = 0, traces = 0, complete = 0, blocked = 0, merged = 0, symmetric = 0,
           stuttered = 0;
  bool exhausted = false;
  std::optional<std::string> budget;
  uint64_t decisions_max = 0, actors_max = 0;
  std::optional<uint64_t> preemptions_min;
  uint64_t conservative = 0, deadlocks = 0, failures = 0;
  std::optional<uint64_t> first_failure;
  struct Outcome {
    std::string key;
    uint64_t executions = 0;
    std::string example_schedule;
  };
  std::vector<Outcome> outcomes;
  std::string replayed;  // "10/10"
  std::string shard;
  double seconds = 0;
  std::string trace_hash;
};

struct TestResult {
  std::string name;
  Verdict result = Verdict::kPass;
  std::string reason, failure_type;
  uint64_t seed = 0;
  int64_t duration_ms = 0;
  int64_t started_unix_ns = 0;  // wall time of Instant{0}
  std::string replay_command;   // failures
  std::optional<ErrorDetail> error_detail;
  std::vector<FaultReport> faults;
  std::map<std::string, SyscallCounts> syscall_summary;
  std::vector<Diagnostic> diagnostics;
  std::vector<Event> events;
  std::vector<std::pair<std::string, std::string>> restarts;  // service, added call
  std::vector<ServiceReport> services;
  std::string schedule;  // text form, when order was controlled
  std::optional<ExplorationReport> exploration;
  std::vector<std::string>
      service_names;  // by position: hosts of the vector clocks; the driver is one past the last
};

struct SuiteResult {
  std::string star_file;
  int64_t duration_ms = 0;
  uint64_t seed = 0;
  std::string isolation_mode, isolation_why;
  std::string causality;  // "full" or "recorded"
  int jobs = 1;
  std::vector<TestResult> tests;  // sorted by name
  std::vector<Diagnostic> diagnostics;

  uint64_t count(Verdict verdict) const;
};

}  // namespace fb
