// The finished result of one test: everything the outputs of spec §18 show. Plain values; they
// travel from the worker that ran the test to the parent (core/run/test_result_wire.h) and to the
// writers.
#pragma once
#include "core/base/time.h"
#include "core/model/event.h"
#include "core/trace/syscall_summary.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
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
// Error, warning, info; within a level the given order stays (spec §19).
void sort_by_level(std::vector<Diagnostic>& diagnostics);

struct FaultReport {  // one entry of faults[]
  std::string service, syscall;
  std::string action;      // "deny", "delay", "hold"
  std::string error_name;  // deny only: "EIO"
  uint64_t hits = 0;
  std::string label;
  std::string op, duration, path, destination, probability, trigger;
  uint64_t matched = 0;
  std::string rule;
  std::vector<std::string> filter;
  std::string applied;  // as §8.8 writes it; for the human report
  bool operator==(const FaultReport&) const = default;
};

struct ProtocolFaultReport {  // one entry of protocol_faults[]
  std::string service, interface, protocol;
  std::string action;                                      // "error", "respond", …
  std::vector<std::pair<std::string, std::string>> match;  // as the user wrote them
  std::string source, label;
  uint64_t matched = 0, hits = 0;
  bool operator==(const ProtocolFaultReport&) const = default;
};

// One event that almost matched a failed assertion, and what kept it from matching.
struct ClosestEvent {
  uint64_t seq = 0;
  std::string failed;  // `decision="deny*" (is "allow")`
  bool operator==(const ClosestEvent&) const = default;
};

struct ErrorDetail {
  std::string assertion_type;  // = failure_type
  std::string message;
  std::string builtin, position;
  std::vector<std::string> backtrace;
  std::vector<ClosestEvent> closest;  // nearest first, at most three
  std::optional<uint64_t> event;      // seq of the violating event
  std::vector<std::string> also;
  bool operator==(const ErrorDetail&) const = default;
};

struct ServiceReport {
  std::string name;
  std::optional<int> exit_code, signal;
  std::string output_tail;  // last 20 lines
  bool operator==(const ServiceReport&) const = default;
};

struct HeldReport {  // a call that was still held when the test ended
  std::string service, syscall, path, tag;
  uint64_t seq = 0;
  int pid = 0;
  int64_t age_ms = 0;
  bool operator==(const HeldReport&) const = default;
};

// One distinct result of a search: verdict and normalized step results.
struct ExplorationOutcome {
  std::string key;
  uint64_t executions = 0;
  std::string example_schedule;
  bool operator==(const ExplorationOutcome&) const = default;
};

// How small the counterexample became.
struct ShrunkSize {
  uint64_t context_switches = 0;
  uint64_t operations = 0;        // those that matter
  uint64_t operations_total = 0;  // of the failing execution
  uint64_t faults = 0;
  bool operator==(const ShrunkSize&) const = default;
};

// One side of a racing pair: `charge A  pread  /d/1.json [0,32)  reads {"paid":false}`.
struct RacingAccess {
  std::string actor, call, object;
  bool writes = false;
  std::string value;   // what was read or written, shortened; may be empty
  std::string remark;  // "after A's read, before A's write"; may be empty
  uint64_t seq = 0;    // its event, 0 when it has none
  bool operator==(const RacingAccess&) const = default;
};

struct ExplorationReport {  // exploration.md §7, §13
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
  using Outcome = ExplorationOutcome;
  std::vector<Outcome> outcomes;
  std::string replayed;  // "10/10"
  std::optional<ShrunkSize> shrunk;
  std::optional<double> novelty;  // Good–Turing: chance that the next run shows a new trace
  std::string shard;              // "2/8"; empty: the whole
  // Of a part of a sampling: how often each trace was seen, so that parts can be joined.
  std::map<std::string, uint64_t> trace_counts;
  std::optional<double> estimate;    // traces in all, guessed from what is still open (Knuth)
  std::optional<double> miss_bound;  // pct:D: chance that a bug of depth D at most was missed
  std::vector<std::string> notes;    // what was switched off and why
  double seconds = 0;
  std::string trace_hash;

  // The racing pair, in execution order.
  std::vector<RacingAccess> race;
  std::string critical_decision;      // a line for people; may be empty
  uint64_t critical_seq = 0;          // the event of that decision, 0 when it has none
  std::string passing_schedule;       // the nearest passing one; may be empty
  std::string first_difference;       // between the two, a line for people
  std::vector<Event> passing_events;  // of that passing execution (same service_names)
  bool operator==(const ExplorationReport&) const = default;
};

struct TestResult {
  std::string name;
  Verdict result = Verdict::kPass;
  std::string reason, failure_type;
  uint64_t seed = 0;
  std::optional<uint64_t> run;  // index of --runs N, from 0; empty when N was not given
  int64_t duration_ms = 0;
  int64_t started_unix_ns = 0;  // wall time of Instant{0}
  std::string replay_command;   // failures
  std::optional<ErrorDetail> error_detail;
  std::vector<FaultReport> faults;
  std::vector<ProtocolFaultReport> protocol_faults;
  std::map<std::string, SyscallCounts> syscall_summary;
  std::vector<Diagnostic> diagnostics;  // sorted: error, warning, info
  std::vector<Event> events;
  std::vector<std::pair<std::string, std::string>> restarts;  // service, added call
  std::vector<ServiceReport> services;
  std::vector<HeldReport> held;
  std::string schedule;  // text form, when order was controlled
  std::optional<ExplorationReport> exploration;
  // By position: hosts of the vector clocks; the driver is one past the last.
  std::vector<std::string> service_names;
  bool operator==(const TestResult&) const = default;

  // The event of that seq, or nullptr.
  const Event* event_of(uint64_t seq) const;
  // "db", "test"; positions past the driver give "host#N".
  std::string host_name(HostIndex host) const;
};

struct SuiteResult {
  std::string star_file;
  int64_t duration_ms = 0;
  int64_t started_unix_ns = 0;
  uint64_t seed = 0;
  std::string tool_version;  // "0.3.0"
  std::string isolation_mode, isolation_why;
  std::string causality;  // "full" or "recorded"
  int jobs = 1;
  uint64_t runs = 1;              // --runs N
  std::vector<TestResult> tests;  // sorted by name, then by run
  std::vector<Diagnostic> diagnostics;
  bool operator==(const SuiteResult&) const = default;

  uint64_t count(Verdict verdict) const;
};

// The name a command line takes: without one `test_` at its beginning.
std::string_view short_test_name(std::string_view name);

}  // namespace fb
