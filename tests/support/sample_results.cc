#include "tests/support/sample_results.h"

#include "core/base/draw.h"
#include "core/trace/event_log.h"

#include <algorithm>

namespace fb::testing {

namespace {

constexpr int64_t kStarted = 1'767'323'045'000'000'678;  // 2026-01-02T03:04:05.000000678Z

Instant ms(int64_t count) {
  return Instant{count * 1'000'000};
}

std::vector<Event> events_of(const EventLog& log) {
  return {log.events().begin(), log.events().end()};
}

// Each service's log is small enough to check by eye against the golden files.
TestResult disk_full() {
  const ServiceId db{0}, shop{1};
  EventLog log({"db", "shop"});
  log.append(db, EventType::kServiceStarted, ms(1), {});
  log.append(db, EventType::kServiceReady, ms(2), {});
  log.append(shop, EventType::kServiceStarted, ms(2), {}, {2});
  log.append(db, EventType::kFaultApplied, ms(3),
             {{"write", "deny(ENOSPC) → filter:[write,writev] label=\"wal\""},
              {"fsync", "delay(500ms) → filter:[fsync,fdatasync]"}});
  log.append(db, EventType::kTraceApplied, ms(3), {{"openat", "trace → filter:[openat]"}});
  log.append(kTestDriver, EventType::kStepSend, ms(4),
             {{"target", "shop"}, {"method", "post"}, {"interface", "main"}, {"protocol", "http"}},
             {3});
  log.append(db, EventType::kSyscall, ms(5),
             {{"syscall", "openat"},
              {"pid", "71"},
              {"decision", "allow (system path)"},
              {"path", "/lib/x86_64-linux-gnu/libc.so.6"}},
             {6});
  log.append(db, EventType::kSyscall, ms(6),
             {{"syscall", "write"}, {"pid", "71"}, {"decision", "allow"}, {"path", "/tmp/db.log"}});
  log.append(db, EventType::kSyscall, ms(7),
             {{"syscall", "write"},
              {"pid", "71"},
              {"decision", "deny(no space left on device)"},
              {"path", "/tmp/db.wal"},
              {"label", "wal"}});
  log.append(db, EventType::kSyscall, ms(508),
             {{"syscall", "fsync"},
              {"pid", "71"},
              {"decision", "delay(500ms)"},
              {"path", "/tmp/db.wal"},
              {"latency_ms", "500"},
              {"op", "persist"}});
  log.append(
      db, EventType::kSyscall, ms(509),
      {{"syscall", "sendto"}, {"pid", "71"}, {"decision", "allow"}, {"path", "socket:[81]"}});
  log.append(shop, EventType::kStdout, ms(510), {{"raw", "db said:\n\x1b[31mno\xff <&> ]]>"}},
             {11});
  log.append_hostless(EventType::kPartitionApplied, ms(511),
                      {{"between", "db,shop"}, {"direction", "both"}, {"mode", "refuse"}});
  log.append(kTestDriver, EventType::kStepRecv, ms(512),
             {{"target", "shop"}, {"method", "post"}, {"status", "200"}, {"ok", "true"}}, {12});

  TestResult test;
  test.name = "test_disk_full";
  test.result = Verdict::kFail;
  test.reason = "assert_eq failed: 200 != 503";
  test.failure_type = "assertion";
  test.seed = 7;
  test.duration_ms = 512;
  test.started_unix_ns = kStarted;
  test.replay_command = "faultbox test shop.star --test disk_full --seed 7";
  test.service_names = {"db", "shop"};
  test.events = events_of(log);
  test.syscall_summary = syscall_summary(test.events);
  ErrorDetail detail;
  detail.assertion_type = "assertion";
  detail.message = test.reason;
  detail.builtin = "assert_eq";
  detail.position = "shop.star:14:5";
  detail.backtrace = {"shop.star:14:5 in test_disk_full"};
  detail.closest = {{10, "syscall=\"fdatasync\" (is \"fsync\")"}};
  detail.event = 14;
  detail.also = {"service \"db\" exited unexpectedly: exit code 3"};
  test.error_detail = detail;
  FaultReport write;
  write.service = "db";
  write.syscall = "write";
  write.action = "deny";
  write.error_name = "ENOSPC";
  write.hits = 1;
  write.label = "wal";
  write.path = "*.wal";
  write.trigger = "nth=1";
  write.matched = 1;
  write.rule = "|write=deny(ENOSPC) path=*.wal trigger=nth=1|0";
  write.filter = {"write", "writev"};
  write.applied = "deny(ENOSPC) → filter:[write,writev] label=\"wal\"";
  FaultReport fsync;
  fsync.service = "db";
  fsync.syscall = "fsync";
  fsync.action = "delay";
  fsync.duration = "500ms";
  fsync.op = "persist";
  fsync.applied = "delay(500ms) → filter:[fsync,fdatasync]";
  test.faults = {write, fsync};
  ProtocolFaultReport proxied;
  proxied.service = "shop";
  proxied.interface = "main";
  proxied.protocol = "http";
  proxied.action = "error";
  proxied.match = {{"method", "POST"}, {"path", "/orders*"}};
  proxied.source = "test";
  proxied.label = "busy";
  proxied.matched = 2;
  test.protocol_faults = {proxied};
  Diagnostic not_fired;
  not_fired.level = Diagnostic::Level::kWarning;
  not_fired.code = "FAULT_NOT_FIRED";
  not_fired.message = "fsync=delay(500ms) on db never fired";
  not_fired.suggestion = "the service calls fdatasync:\nadd it to the rule";
  not_fired.service = "db";
  not_fired.syscall = "fsync";
  not_fired.events = {10};
  test.diagnostics = {not_fired};
  test.restarts = {{"db", "fdatasync"}};
  ServiceReport ended;
  ended.name = "db";
  ended.exit_code = 3;
  ended.output_tail = "panic: no space\n";
  ServiceReport killed;
  killed.name = "shop";
  killed.signal = 15;
  test.services = {ended, killed};
  HeldReport held;
  held.service = "db";
  held.syscall = "fsync";
  held.path = "/tmp/db.wal";
  held.tag = "disk";
  held.seq = 10;
  held.pid = 71;
  held.age_ms = 2;
  test.held = {held};
  return test;
}

TestResult happy() {
  EventLog log({"db", "shop"});
  log.append(ServiceId{0}, EventType::kServiceStarted, ms(1), {});
  log.append(kTestDriver, EventType::kStepSend, ms(2), {{"target", "db"}, {"method", "send"}});
  log.append(ServiceId{0}, EventType::kSyscall, ms(3),
             {{"syscall", "write"}, {"pid", "9"}, {"decision", "allow"}, {"path", "/tmp/a.wal"}},
             {2});
  log.append(kTestDriver, EventType::kStepRecv, ms(4), {{"target", "db"}, {"method", "send"}}, {3});
  TestResult test;
  test.name = "test_happy";
  test.duration_ms = 4;
  test.started_unix_ns = kStarted + 1'000'000'000;
  test.service_names = {"db", "shop"};
  test.events = events_of(log);
  test.syscall_summary = syscall_summary(test.events);
  return test;
}

std::vector<Event> charge_events(bool in_order) {
  const ServiceId charge{0};
  EventLog log({"charge"});
  log.append(charge, EventType::kServiceStarted, ms(0), {});
  const char* first = in_order ? "pwrite64" : "pread64";
  const char* second = in_order ? "pread64" : "pwrite64";
  for (const char* call : {first, second}) {
    log.append(charge, EventType::kSyscall, ms(1),
               {{"syscall", call}, {"pid", "5"}, {"decision", "allow"}, {"path", "/data/1.json"}});
  }
  return events_of(log);
}

TestResult double_charge() {
  TestResult test;
  test.name = "test_no_double_charge";
  test.result = Verdict::kFail;
  test.reason = "assert_true failed: one charge\nper order";
  test.failure_type = "assertion";
  test.duration_ms = 400;
  test.started_unix_ns = kStarted + 2'000'000'000;
  test.replay_command =
      "faultbox test shop.star --test no_double_charge --seed 0 --schedule fbs1:AAAA";
  test.service_names = {"charge"};
  test.events = charge_events(false);
  test.syscall_summary = syscall_summary(test.events);
  test.schedule = "fbs1:AAAA";
  ExplorationReport e;
  e.mode = "all";
  e.strategy = "optimal";
  e.level = {{"charge", "deterministic"}};
  e.executions = 17;
  e.traces = 17;
  e.complete = 17;
  e.decisions_max = 61;
  e.actors_max = 3;
  e.preemptions_min = 2;
  e.conservative = 3;
  e.failures = 1;
  e.first_failure = 16;
  e.outcomes = {{"fail:one charge", 1, "fbs1:AAAA"}, {"pass", 16, "fbs1:BBBB"}};
  e.replayed = "10/10";
  e.shrunk = {2, 9, 61, 1};
  e.seconds = 0.4;
  e.race = {{"charge A", "pread64", "/data/1.json [0,32)", false, "{\"paid\":false}", "", 2},
            {"charge B", "pwrite64", "/data/1.json [0,31)", true, "{\"paid\":true}",
             "after A's read, before A's write", 3}};
  e.critical_decision = "decision 12: charge B pwrite64 before charge A pwrite64";
  e.critical_seq = 3;
  e.passing_schedule = "fbs1:BBBB";
  e.first_difference = "decision 12: charge A instead of charge B";
  e.passing_events = charge_events(true);
  test.exploration = e;
  return test;
}

TestResult interrupted() {
  TestResult test;
  test.name = "test_slow";
  test.result = Verdict::kCancelled;
  test.duration_ms = 3;
  test.started_unix_ns = kStarted + 3'000'000'000;
  test.service_names = {"db"};
  return test;
}

}  // namespace

SuiteResult sample_suite() {
  SuiteResult suite;
  suite.star_file = "specs/shop.star";
  suite.duration_ms = 1919;
  suite.started_unix_ns = kStarted;
  suite.seed = 7;
  suite.tool_version = "0.3.0";
  suite.isolation_mode = "shared";
  suite.isolation_why = "unshare: operation not permitted";
  suite.causality = "full";
  suite.tests = {disk_full(), happy(), double_charge(), interrupted()};
  Diagnostic control;
  control.level = Diagnostic::Level::kWarning;
  control.code = "NO_POSITIVE_CONTROL";
  control.message = "no test without a fault sent a step";
  control.suggestion = "add a fault-free test of the same path";
  suite.diagnostics = {control};
  return suite;
}

TestResult random_result(uint64_t seed) {
  Rng rng(seed);
  const auto services = static_cast<uint16_t>(1 + rng.below(4));
  TestResult test;
  for (uint16_t i = 0; i < services; ++i) test.service_names.push_back("s" + std::to_string(i));
  EventLog log(test.service_names);
  const char* const texts[] = {"",
                               "allow",
                               "deny(input/output error)",
                               "a\nb",
                               "{\"x\": {}}",
                               "\xff\xfe",
                               "z\xe2\x80\xa8y",
                               "]]>"};
  for (uint64_t n = rng.below(60); n > 0; --n) {
    const auto type = static_cast<EventType>(rng.below(25));
    std::vector<std::pair<std::string, std::string>> fields;
    for (const char* name : {"syscall", "decision", "label", "path", "latency_ms", "target"}) {
      if (rng.below(2) == 0) fields.emplace_back(name, texts[rng.below(std::size(texts))]);
    }
    const Instant now = ms(static_cast<int64_t>(log.size()));
    if (rng.below(10) == 0) {
      log.append_hostless(type, now, std::move(fields));
      continue;
    }
    const auto host = static_cast<uint16_t>(rng.below(services + 1u));
    std::vector<uint64_t> causes;
    for (uint64_t k = rng.below(3); k > 0 && log.size() > 0; --k) {
      causes.push_back(1 + rng.below(log.size()));
    }
    log.append(host == services ? kTestDriver : ServiceId{host}, type, now, std::move(fields),
               std::move(causes));
  }
  test.name = "test_random";
  test.result = static_cast<Verdict>(rng.below(3));
  if (test.result == Verdict::kFail) test.reason = "because\nof that";
  test.events = events_of(log);
  test.syscall_summary = syscall_summary(test.events);
  return test;
}

namespace {

rc::Gen<std::string> text() {
  return rc::gen::container<std::string>(
      rc::gen::map(rc::gen::inRange(0, 256), [](int c) { return static_cast<char>(c); }));
}

template <class T>
T any() {
  return *rc::gen::arbitrary<T>();
}
std::string any_text() {
  return *text();
}

template <class Make>
auto some(Make make) {
  std::vector<decltype(make())> out;
  for (int n = *rc::gen::inRange(0, 3); n > 0; --n) out.push_back(make());
  return out;
}
template <class Make>
auto maybe(Make make) {
  std::optional<decltype(make())> out;
  if (any<bool>()) out = make();
  return out;
}
template <class Make>
auto some_by_name(Make make) {
  std::map<std::string, decltype(make())> out;
  for (int n = *rc::gen::inRange(0, 3); n > 0; --n) out[any_text()] = make();
  return out;
}

std::pair<std::string, std::string> any_pair() {
  return {any_text(), any_text()};
}

Event any_event() {
  Event event;
  event.seq = any<uint64_t>();
  event.time.ns = any<int64_t>();
  event.type = static_cast<EventType>(*rc::gen::inRange(0, 25));
  event.service = any_text();
  event.fields = some(any_pair);
  for (int n = *rc::gen::inRange(0, 4); n > 0; --n) {
    event.clock.tick(static_cast<HostIndex>(any<uint16_t>()));
  }
  event.causes = some(any<uint64_t>);
  return event;
}

Diagnostic any_diagnostic() {
  return {static_cast<Diagnostic::Level>(*rc::gen::inRange(0, 3)),
          any_text(),
          any_text(),
          any_text(),
          any_text(),
          any_text(),
          some(any<uint64_t>),
          any_text()};
}

FaultReport any_fault() {
  FaultReport fault;
  for (std::string* field :
       {&fault.service, &fault.syscall, &fault.action, &fault.error_name, &fault.label, &fault.op,
        &fault.duration, &fault.path, &fault.destination, &fault.probability, &fault.trigger,
        &fault.rule, &fault.applied}) {
    *field = any_text();
  }
  fault.hits = any<uint64_t>();
  fault.matched = any<uint64_t>();
  fault.filter = some(any_text);
  return fault;
}

ProtocolFaultReport any_protocol_fault() {
  return {any_text(), any_text(), any_text(),      any_text(),     some(any_pair),
          any_text(), any_text(), any<uint64_t>(), any<uint64_t>()};
}

SyscallCounts any_counts() {
  return {any<uint64_t>(), any<uint64_t>(), some_by_name(any<uint64_t>)};
}

ErrorDetail any_detail() {
  return {any_text(),           any_text(),
          any_text(),           any_text(),
          some(any_text),       some([] { return ClosestEvent{any<uint64_t>(), any_text()}; }),
          maybe(any<uint64_t>), some(any_text)};
}

ExplorationReport any_exploration() {
  ExplorationReport e;
  e.mode = any_text();
  e.strategy = any_text();
  e.level = some_by_name(any_text);
  for (uint64_t* field : {&e.executions, &e.traces, &e.complete, &e.blocked, &e.merged,
                          &e.symmetric, &e.stuttered, &e.decisions_max, &e.actors_max,
                          &e.conservative, &e.deadlocks, &e.failures, &e.critical_seq}) {
    *field = any<uint64_t>();
  }
  e.exhausted = any<bool>();
  e.budget = maybe(any_text);
  e.preemptions_min = maybe(any<uint64_t>);
  e.first_failure = maybe(any<uint64_t>);
  e.outcomes = some([] { return ExplorationOutcome{any_text(), any<uint64_t>(), any_text()}; });
  e.replayed = any_text();
  e.shrunk = maybe([] {
    return ShrunkSize{any<uint64_t>(), any<uint64_t>(), any<uint64_t>(), any<uint64_t>()};
  });
  e.novelty = maybe(any<double>);
  e.shard = any_text();
  e.trace_counts[any_text()] = any<uint64_t>();
  e.estimate = maybe(any<double>);
  e.miss_bound = maybe(any<double>);
  e.notes = {any_text()};
  e.seconds = any<double>();
  e.trace_hash = any_text();
  e.race = some([] {
    return RacingAccess{any_text(), any_text(), any_text(),     any<bool>(),
                        any_text(), any_text(), any<uint64_t>()};
  });
  e.critical_decision = any_text();
  e.passing_schedule = any_text();
  e.first_difference = any_text();
  e.passing_events = some(any_event);
  return e;
}

}  // namespace

rc::Gen<TestResult> any_test_result() {
  return rc::gen::exec([] {
    TestResult test;
    test.name = any_text();
    test.result = static_cast<Verdict>(*rc::gen::inRange(0, 3));
    test.reason = any_text();
    test.failure_type = any_text();
    test.seed = any<uint64_t>();
    test.run = maybe(any<uint64_t>);
    test.duration_ms = any<int64_t>();
    test.started_unix_ns = any<int64_t>();
    test.replay_command = any_text();
    test.error_detail = maybe(any_detail);
    test.faults = some(any_fault);
    test.protocol_faults = some(any_protocol_fault);
    test.syscall_summary = some_by_name(any_counts);
    test.diagnostics = some(any_diagnostic);
    test.events = some(any_event);
    test.restarts = some(any_pair);
    test.services = some([] {
      return ServiceReport{any_text(), maybe(any<int>), maybe(any<int>), any_text()};
    });
    test.held = some([] {
      return HeldReport{any_text(),      any_text(), any_text(),    any_text(),
                        any<uint64_t>(), any<int>(), any<int64_t>()};
    });
    test.schedule = any_text();
    test.exploration = maybe(any_exploration);
    test.service_names = some(any_text);
    return test;
  });
}

}  // namespace fb::testing
