#include "core/run/test_result_wire.h"

#include "core/base/wire.h"

#include <concepts>
#include <limits>
#include <type_traits>

namespace fb {

namespace {

// First number of every record: says that this is one.
constexpr uint64_t kFormat = 0xfb01;

// Each struct's fields are listed once, here, and both directions walk the same list.
template <class T>
struct Fields;

template <>
struct Fields<Instant> {
  static void visit(auto& archive, auto& v) { archive(v.ns); }
};
template <>
struct Fields<Event> {
  static void visit(auto& archive, auto& v) {
    archive(v.seq, v.time, v.type, v.service, v.fields, v.clock, v.causes);
  }
};
template <>
struct Fields<Diagnostic> {
  static void visit(auto& archive, auto& v) {
    archive(v.level, v.code, v.message, v.suggestion, v.service, v.syscall, v.events, v.position);
  }
};
template <>
struct Fields<FaultReport> {
  static void visit(auto& archive, auto& v) {
    archive(v.service, v.syscall, v.action, v.error_name, v.hits, v.label, v.op, v.duration, v.path,
            v.destination, v.probability, v.trigger, v.matched, v.rule, v.filter, v.applied);
  }
};
template <>
struct Fields<ProtocolFaultReport> {
  static void visit(auto& archive, auto& v) {
    archive(v.service, v.interface, v.protocol, v.action, v.match, v.source, v.label, v.matched,
            v.hits);
  }
};
template <>
struct Fields<SyscallCounts> {
  static void visit(auto& archive, auto& v) { archive(v.total, v.faulted, v.breakdown); }
};
template <>
struct Fields<ClosestEvent> {
  static void visit(auto& archive, auto& v) { archive(v.seq, v.failed); }
};
template <>
struct Fields<ErrorDetail> {
  static void visit(auto& archive, auto& v) {
    archive(v.assertion_type, v.message, v.builtin, v.position, v.backtrace, v.closest, v.event,
            v.also);
  }
};
template <>
struct Fields<ServiceReport> {
  static void visit(auto& archive, auto& v) {
    archive(v.name, v.exit_code, v.signal, v.output_tail);
  }
};
template <>
struct Fields<HeldReport> {
  static void visit(auto& archive, auto& v) {
    archive(v.service, v.syscall, v.path, v.tag, v.seq, v.pid, v.age_ms);
  }
};
template <>
struct Fields<ExplorationOutcome> {
  static void visit(auto& archive, auto& v) { archive(v.key, v.executions, v.example_schedule); }
};
template <>
struct Fields<ShrunkSize> {
  static void visit(auto& archive, auto& v) {
    archive(v.context_switches, v.operations, v.operations_total, v.faults);
  }
};
template <>
struct Fields<RacingAccess> {
  static void visit(auto& archive, auto& v) {
    archive(v.actor, v.call, v.object, v.writes, v.value, v.remark, v.seq);
  }
};
template <>
struct Fields<ExplorationReport> {
  static void visit(auto& archive, auto& v) {
    archive(v.mode, v.strategy, v.level, v.executions, v.traces, v.complete, v.blocked, v.merged,
            v.symmetric, v.stuttered, v.exhausted, v.budget, v.decisions_max, v.actors_max,
            v.preemptions_min, v.conservative, v.deadlocks, v.failures, v.first_failure, v.outcomes,
            v.replayed, v.shrunk, v.novelty, v.shard, v.trace_counts, v.estimate, v.miss_bound,
            v.notes, v.seconds, v.trace_hash, v.race, v.critical_decision, v.critical_seq,
            v.passing_schedule, v.first_difference, v.passing_events);
  }
};
template <>
struct Fields<TestResult> {
  static void visit(auto& archive, auto& v) {
    archive(v.name, v.result, v.reason, v.failure_type, v.seed, v.run, v.duration_ms,
            v.started_unix_ns, v.replay_command, v.error_detail, v.faults, v.protocol_faults,
            v.syscall_summary, v.diagnostics, v.events, v.restarts, v.services, v.held, v.schedule,
            v.exploration, v.service_names);
  }
};

// The last value of each enum: what a reader accepts.
constexpr uint64_t last_value(Verdict) {
  return static_cast<uint64_t>(Verdict::kCancelled);
}
constexpr uint64_t last_value(EventType) {
  return static_cast<uint64_t>(EventType::kViolation);
}
constexpr uint64_t last_value(Diagnostic::Level) {
  return static_cast<uint64_t>(Diagnostic::Level::kInfo);
}

class Encoder {
 public:
  void operator()(const auto&... values) { (put(values), ...); }
  std::string take() { return wire_.take(); }

 private:
  void put(uint64_t v) { wire_.u64(v); }
  void put(uint16_t v) { wire_.u64(v); }
  void put(int64_t v) { wire_.i64(v); }
  void put(int v) { wire_.i64(v); }
  void put(bool v) { wire_.boolean(v); }
  void put(double v) { wire_.f64(v); }
  void put(const std::string& v) { wire_.string(v); }
  void put(const VectorClock& v) {
    wire_.count(v.entries().size());
    for (const auto& [host, count] : v.entries()) (*this)(host, count);
  }
  void put(const FieldList& v) {
    wire_.count(v.size());
    for (const auto& [name, value] : v) {
      wire_.string(name);
      wire_.string(value);
    }
  }
  template <class T>
  void put(const ThinVector<T>& v) {
    wire_.count(v.size());
    for (const T element : v) put(element);
  }
  template <class T>
    requires std::is_enum_v<T>
  void put(T v) {
    wire_.u64(static_cast<uint64_t>(v));
  }
  template <class T>
  void put(const std::optional<T>& v) {
    wire_.boolean(v.has_value());
    if (v) put(*v);
  }
  template <class T>
  void put(const std::vector<T>& v) {
    wire_.count(v.size());
    for (const T& element : v) put(element);
  }
  template <class T>
  void put(const std::map<std::string, T>& v) {
    wire_.count(v.size());
    for (const auto& [key, value] : v) (*this)(key, value);
  }
  template <class A, class B>
  void put(const std::pair<A, B>& v) {
    (*this)(v.first, v.second);
  }
  template <class T>
    requires requires { sizeof(Fields<T>); }
  void put(const T& v) {
    Fields<T>::visit(*this, v);
  }

  WireWriter wire_;
};

// After the first error nothing more is read; the values then hold whatever was there.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : wire_(bytes) {}

  void operator()(auto&... values) { (get(values), ...); }

  Status finish() {
    if (!failure_) return wire_.finish();
    return *failure_;
  }

 private:
  template <class T>
  bool take(Result<T> read, T& into) {
    if (failure_) return false;
    if (!read.ok()) {
      failure_ = std::move(read).error();
      return false;
    }
    into = std::move(read).value();
    return true;
  }
  void fail(std::string message) {
    if (!failure_) failure_ = invalid(std::move(message));
  }

  void get(uint64_t& v) { take(wire_.u64(), v); }
  void get(int64_t& v) { take(wire_.i64(), v); }
  void get(bool& v) { take(wire_.boolean(), v); }
  void get(double& v) { take(wire_.f64(), v); }
  void get(std::string& v) { take(wire_.string(), v); }
  void get(uint16_t& v) {
    uint64_t wide = 0;
    if (take(wire_.u64_at_most(std::numeric_limits<uint16_t>::max()), wide)) {
      v = static_cast<uint16_t>(wide);
    }
  }
  void get(int& v) {
    int64_t wide = 0;
    if (!take(wire_.i64(), wide)) return;
    if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max()) {
      return fail("the record holds a number out of range");
    }
    v = static_cast<int>(wide);
  }
  void get(VectorClock& v) {
    size_t left = 0;
    v = {};
    std::optional<HostIndex> last;
    for (take(wire_.count(2), left); left > 0 && !failure_; --left) {
      HostIndex host = 0;
      uint64_t count = 0;
      (*this)(host, count);
      if (count == 0 || count > VectorClock::kMaxCount || (last && *last >= host))
        return fail("the record holds a malformed clock");
      v.append_entry(host, count);
      last = host;
    }
  }
  void get(FieldList& v) {
    size_t left = 0;
    v = {};
    std::string name, value;
    for (take(wire_.count(2), left); left > 0 && !failure_; --left) {
      (*this)(name, value);
      if (!failure_) v.add(name, value);
    }
  }
  template <class T>
  void get(ThinVector<T>& v) {
    size_t left = 0;
    v.clear();
    for (take(wire_.count(), left); left > 0 && !failure_; --left) {
      T element{};
      get(element);
      v.push_back(element);
    }
  }
  template <class T>
    requires std::is_enum_v<T>
  void get(T& v) {
    uint64_t number = 0;
    if (take(wire_.u64_at_most(last_value(T{})), number)) v = static_cast<T>(number);
  }
  template <class T>
  void get(std::optional<T>& v) {
    bool there = false;
    v.reset();
    if (take(wire_.boolean(), there) && there) get(v.emplace());
  }
  // Grows with what is really there; a count is only a promise.
  template <class T>
  void get(std::vector<T>& v) {
    size_t left = 0;
    v.clear();
    for (take(wire_.count(), left); left > 0 && !failure_; --left) get(v.emplace_back());
  }
  template <class T>
  void get(std::map<std::string, T>& v) {
    size_t left = 0;
    v.clear();
    for (take(wire_.count(), left); left > 0 && !failure_; --left) {
      std::string key;
      get(key);
      if (!v.empty() && v.rbegin()->first >= key) fail("the record holds keys out of order");
      get(v[key]);
    }
  }
  template <class A, class B>
  void get(std::pair<A, B>& v) {
    (*this)(v.first, v.second);
  }
  template <class T>
    requires requires { sizeof(Fields<T>); }
  void get(T& v) {
    Fields<T>::visit(*this, v);
  }

  WireReader wire_;
  std::optional<Error> failure_;
};

}  // namespace

std::string encode_test_result(const TestResult& result) {
  Encoder encoder;
  encoder(kFormat, result);
  return encoder.take();
}

Result<TestResult> decode_test_result(std::string_view bytes) {
  Decoder decoder(bytes);
  uint64_t format = 0;
  decoder(format);
  if (format != kFormat) return invalid("test result: not a record of this version");
  TestResult result;
  decoder(result);
  if (Status status = decoder.finish(); !status.ok()) {
    return std::move(status).error().within("test result");
  }
  return result;
}

}  // namespace fb
