#include "core/sched/scheduler.h"

#include "core/runtime/sim/sim_loop.h"

#include <gtest/gtest.h>
#include <map>

namespace fb {
namespace {

constexpr ServiceId kDb{0};
constexpr ServiceId kApi{1};

Topology two_services() {
  Topology topology;
  for (const char* name : {"db", "api"}) {
    ServiceSpec service;
    service.name = name;
    service.cwd = "/srv";
    topology.services.push_back(service);
  }
  return topology;
}

Operation call(ServiceId service, const char* name, const char* path, uint32_t thread = 0) {
  Operation operation;
  operation.actor = ActorId::service(service, 0, thread);
  operation.service = service;
  operation.call = *find_syscall(name);
  operation.pid = operation.tid = 7;
  operation.path = path;
  return operation;
}

FaultRule rule(const char* key, FaultAction action, const char* trigger = nullptr) {
  FaultRule rule;
  rule.key = key;
  rule.filter = expand_family(key);
  for (SyscallId id : rule.filter) rule.calls.insert(id);
  rule.action = std::move(action);
  if (trigger != nullptr) rule.trigger = parse_trigger(trigger).value();
  rule.identity = std::string("|") + key + "|0";
  return rule;
}

DenyAction eio() {
  return {5, "EIO"};
}

// Lets operations go once they are ready, as calls in free order that wait for others.
class PatientOwner final : public OperationOwner {
 public:
  void decided(OperationId id, const Decision& decision) override { decisions[id] = decision; }
  bool probe(OperationId, Operation&) override { return true; }
  bool about_to_go(OperationId, Operation&) override { return ready; }
  std::map<OperationId, Decision> decisions;
  bool ready = false;
};

// Remembers every decision; operations named in `blocked` are not enabled.
class Owner final : public OperationOwner {
 public:
  void decided(OperationId id, const Decision& decision) override { decisions[id] = decision; }
  bool probe(OperationId id, Operation& operation) override {
    operation.key = operation.path;
    operation.footprint.write(object_key(operation.path));
    return !blocked.contains(id);
  }
  std::map<OperationId, Decision> decisions;
  std::map<OperationId, bool> blocked;
};

// Takes the actors in the given order.
class Listed final : public Chooser {
 public:
  explicit Listed(std::vector<ActorId> order) : order_(std::move(order)) {}
  std::optional<Choice> choose(const DecisionPoint& point) override {
    seen.emplace_back(point.candidates.begin(), point.candidates.end());
    if (next_ == order_.size()) return std::nullopt;
    return Choice{order_[next_++], 0};
  }
  std::vector<std::vector<Candidate>> seen;

 private:
  std::vector<ActorId> order_;
  size_t next_ = 0;
};

class SchedulerTest : public ::testing::Test {
 protected:
  explicit SchedulerTest(Clock::Mode mode = Clock::Mode::kVirtual)
      : clock(loop, mode, 0), scheduler(topology, log, clock, rules) {}

  std::string last_decision() { return std::string(log.at(log.size()).field("decision")); }
  bool answered(OperationId id) const { return owner.decisions.contains(id); }

  Topology topology = two_services();
  SimLoop loop;
  EventLog log{topology.names()};
  Clock clock;
  RuleSets rules{topology, [](std::string_view, std::string_view, uint64_t) { return 0.5; }};
  Scheduler scheduler;
  Owner owner;
};

TEST_F(SchedulerTest, AllowsAndRecordsWhatNoRuleMatches) {
  const OperationId id = scheduler.submit(call(kDb, "write", "/tmp/a.wal"), owner, true);
  EXPECT_EQ(owner.decisions.at(id), Decision(Allow{}));
  EXPECT_EQ(last_decision(), "allow");
  EXPECT_EQ(log.at(1).field("path"), "/tmp/a.wal");
}

TEST_F(SchedulerTest, WritesNoEventForAnUnrecordedCallAndLeavesRulesAlone) {
  rules.open(kDb, {rule("write", eio())}, false);
  const OperationId id = scheduler.submit(call(kDb, "write", "/tmp/a"), owner, false);
  EXPECT_EQ(owner.decisions.at(id), Decision(Allow{}));
  EXPECT_EQ(log.size(), 0u);
}

TEST_F(SchedulerTest, DeniesByFamilyAndCountsTheFiring) {
  RuleScope& scope = rules.open(kDb, {rule("write", eio())}, false);
  const OperationId id = scheduler.submit(call(kDb, "pwrite64", "/tmp/a"), owner, true);
  EXPECT_EQ(owner.decisions.at(id), Decision(Deny{5}));
  EXPECT_EQ(last_decision(), "deny(input/output error)");
  EXPECT_EQ(scope.rules[0].hits, 1u);
  EXPECT_EQ(scope.rules[0].hits_by_call.at(*find_syscall("pwrite64")), 1u);
}

TEST_F(SchedulerTest, LeavesOtherServicesAlone) {
  rules.open(kDb, {rule("write", eio())}, false);
  const OperationId id = scheduler.submit(call(kApi, "write", "/tmp/a"), owner, true);
  EXPECT_EQ(owner.decisions.at(id), Decision(Allow{}));
}

TEST_F(SchedulerTest, LeavesSystemPathsAloneUnlessThePatternNamesThem) {
  rules.open(kDb, {rule("open", eio())}, false);
  scheduler.submit(call(kDb, "openat", "/usr/lib/libc.so"), owner, true);
  EXPECT_EQ(last_decision(), "allow (system path)");
  FaultRule named = rule("open", eio());
  named.path = PathPattern::parse("/proc/**").value();
  rules.open(kDb, {named}, false);
  scheduler.submit(call(kDb, "openat", "/proc/self/stat"), owner, true);
  EXPECT_EQ(last_decision(), "deny(input/output error)");
}

TEST_F(SchedulerTest, NewestScopeFirstAndAllowShields) {
  rules.open(kDb, {rule("write", eio())}, false);
  RuleScope& inner = rules.open(kDb, {rule("write", AllowAction{})}, false);
  scheduler.submit(call(kDb, "write", "/tmp/a"), owner, true);
  EXPECT_EQ(last_decision(), "allow");
  rules.close(inner.id);
  scheduler.submit(call(kDb, "write", "/tmp/a"), owner, true);
  EXPECT_EQ(last_decision(), "deny(input/output error)");
}

TEST_F(SchedulerTest, ARuleWhoseTriggerSaysNoLetsTheNextOneTry) {
  rules.open(kDb, {rule("write", eio(), "nth=2"), rule("write", DenyAction{28, "ENOSPC"})}, false);
  const auto decide = [&] {
    return owner.decisions.at(scheduler.submit(call(kDb, "write", "/tmp/a"), owner, true));
  };
  EXPECT_EQ(decide(), Decision(Deny{28}));
  EXPECT_EQ(decide(), Decision(Deny{5}));
  EXPECT_EQ(decide(), Decision(Deny{28}));
}

TEST_F(SchedulerTest, DelaysUntilTheClockReachesTheDeadline) {
  rules.open(kDb, {rule("write", DelayAction{std::chrono::milliseconds(500)})}, false);
  const OperationId id = scheduler.submit(call(kDb, "write", "/tmp/a"), owner, true);
  EXPECT_FALSE(answered(id));
  EXPECT_EQ(log.size(), 0u);
  clock.advance();
  EXPECT_TRUE(answered(id));
  EXPECT_EQ(last_decision(), "delay(500ms)");
  EXPECT_EQ(log.at(1).field("latency_ms"), "500");
}

TEST_F(SchedulerTest, HoldsUntilReleasedOldestFirst) {
  rules.open(kDb, {rule("fsync", HoldAction{"disk"})}, false);
  const OperationId first = scheduler.submit(call(kDb, "fsync", "/a"), owner, true);
  const OperationId second = scheduler.submit(call(kDb, "fsync", "/b"), owner, true);
  EXPECT_EQ(last_decision(), "hold(disk)");
  ASSERT_EQ(scheduler.held("disk").size(), 2u);
  EXPECT_EQ(scheduler.held("disk")[0].path, "/a");
  EXPECT_EQ(scheduler.release("disk", 1, std::nullopt), 1u);
  EXPECT_TRUE(answered(first));
  EXPECT_FALSE(answered(second));
  EXPECT_EQ(last_decision(), "allow (released)");
  EXPECT_EQ(scheduler.release("disk", std::nullopt, 5), 1u);
  EXPECT_EQ(owner.decisions.at(second), Decision(Deny{5}));
  EXPECT_EQ(last_decision(), "deny(input/output error) (released)");
}

TEST_F(SchedulerTest, AHeldCallWhoseThreadDiedLeavesTheListWithoutAnEvent) {
  rules.open(kDb, {rule("fsync", HoldAction{"disk"})}, false);
  const OperationId id = scheduler.submit(call(kDb, "fsync", "/a"), owner, true);
  scheduler.withdraw(id);
  EXPECT_TRUE(scheduler.held(std::nullopt).empty());
  EXPECT_EQ(scheduler.release("disk", std::nullopt, std::nullopt), 0u);
  EXPECT_EQ(log.size(), 1u);
  EXPECT_FALSE(answered(id));
}

TEST_F(SchedulerTest, ClosingAScopeReleasesItsHeldCallsAndEndsItsDelays) {
  RuleScope& scope = rules.open(
      kDb, {rule("fsync", HoldAction{"disk"}), rule("write", DelayAction{std::chrono::seconds(9)})},
      false);
  const OperationId held = scheduler.submit(call(kDb, "fsync", "/a"), owner, true);
  const OperationId delayed = scheduler.submit(call(kDb, "write", "/a"), owner, true);
  rules.close(scope.id);
  scheduler.end_waiting(scope);
  EXPECT_EQ(owner.decisions.at(held), Decision(Allow{}));
  EXPECT_EQ(owner.decisions.at(delayed), Decision(Allow{}));
}

TEST_F(SchedulerTest, TraceDecisionOnlyWithoutAnyFaultScope) {
  SyscallSet traced;
  traced.insert(*find_syscall("write"));
  rules.open_trace(kDb, traced, false);
  scheduler.submit(call(kDb, "write", "/a"), owner, true);
  EXPECT_EQ(last_decision(), "trace");
  rules.open(kDb, {rule("fsync", eio())}, false);
  scheduler.submit(call(kDb, "write", "/a"), owner, true);
  EXPECT_EQ(last_decision(), "allow");
}

TEST_F(SchedulerTest, ControlledOperationsParkUntilChosen) {
  scheduler.control();
  const ActorId db = ActorId::service(kDb, 0, 0), api = ActorId::service(kApi, 0, 0);
  Listed chooser({api, db});
  scheduler.begin_scope(chooser, 10);
  const OperationId a = scheduler.submit(call(kDb, "write", "/x"), owner, true);
  const OperationId b = scheduler.submit(call(kApi, "write", "/x"), owner, true);
  EXPECT_TRUE(owner.decisions.empty());
  EXPECT_EQ(scheduler.step(), Scheduler::StepOutcome::kMoved);
  EXPECT_TRUE(answered(b));
  EXPECT_FALSE(answered(a));
  EXPECT_EQ(scheduler.step(), Scheduler::StepOutcome::kMoved);
  EXPECT_TRUE(answered(a));
  EXPECT_EQ(scheduler.step(), Scheduler::StepOutcome::kIdle);
  ASSERT_EQ(scheduler.steps().size(), 2u);
  EXPECT_EQ(scheduler.steps()[0].choice.actor, api);
  EXPECT_EQ(scheduler.steps()[0].candidates.size(), 2u);
  EXPECT_EQ(log.at(1).service, "api");
}

TEST_F(SchedulerTest, ControlledDisabledOperationsAreListedButDoNotGo) {
  scheduler.control();
  const OperationId id = scheduler.submit(call(kDb, "flock", "/x"), owner, true);
  owner.blocked[id] = true;
  EXPECT_EQ(scheduler.step(), Scheduler::StepOutcome::kIdle);
  ASSERT_EQ(scheduler.parked().size(), 1u);
  EXPECT_FALSE(scheduler.parked()[0].enabled);
  owner.blocked.clear();
  EXPECT_EQ(scheduler.step(), Scheduler::StepOutcome::kMoved);
  EXPECT_TRUE(answered(id));
}

TEST_F(SchedulerTest, ControlledDenialTouchesNothingButItsCounter) {
  scheduler.control();
  rules.open(kDb, {rule("write", eio(), "first=1")}, false);
  scheduler.submit(call(kDb, "write", "/x"), owner, true);
  const std::vector<Candidate> parked = scheduler.parked();
  ASSERT_EQ(parked.size(), 1u);
  ASSERT_EQ(parked[0].footprint.accesses.size(), 1u);
  EXPECT_EQ(parked[0].footprint.accesses[0].object, object_key("rule |write|0"));
}

TEST_F(SchedulerTest, ControlledDelayEndsWhenNothingElseIsEnabled) {
  scheduler.control();
  rules.open(kDb, {rule("write", DelayAction{std::chrono::hours(1)})}, false);
  const OperationId slow = scheduler.submit(call(kDb, "write", "/x"), owner, true);
  EXPECT_EQ(scheduler.step(), Scheduler::StepOutcome::kMoved);  // the pause begins
  const OperationId other = scheduler.submit(call(kApi, "write", "/y"), owner, true);
  EXPECT_EQ(scheduler.step(), Scheduler::StepOutcome::kMoved);
  EXPECT_TRUE(answered(other));
  EXPECT_FALSE(answered(slow));
  EXPECT_EQ(scheduler.step(), Scheduler::StepOutcome::kMoved);  // time passes
  EXPECT_EQ(scheduler.step(), Scheduler::StepOutcome::kMoved);  // and the call is made
  EXPECT_TRUE(answered(slow));
  EXPECT_EQ(clock.now().ns, 3'600'000'000'000);
}

TEST_F(SchedulerTest, LetGoDecidesWhatIsParked) {
  scheduler.control();
  const OperationId id = scheduler.submit(call(kDb, "write", "/x"), owner, true);
  scheduler.let_go();
  EXPECT_TRUE(answered(id));
}

TEST_F(SchedulerTest, AChooserWithoutAnAnswerEndsTheExecution) {
  scheduler.control();
  Listed chooser({});
  scheduler.begin_scope(chooser, 10);
  scheduler.submit(call(kDb, "write", "/x"), owner, true);
  EXPECT_EQ(scheduler.step(), Scheduler::StepOutcome::kStopped);
  EXPECT_EQ(scheduler.stop().end, EndState::kRedundant);
}

TEST_F(SchedulerTest, ReadersLearnFromTheWriterTheyRead) {
  Operation write = call(kDb, "write", "/x");
  write.footprint.write(object_key("file"), 0, 10);
  Operation read = call(kApi, "read", "/x");
  read.footprint.read(object_key("file"), 5, 20);
  Operation far = call(kApi, "read", "/x");
  far.footprint.read(object_key("file"), 10, 20);
  scheduler.submit(write, owner, true);
  scheduler.submit(far, owner, true);
  scheduler.submit(read, owner, true);
  EXPECT_TRUE(log.at(2).causes.empty());
  EXPECT_EQ(log.at(2).clock.at(log.host_of(kDb)), 0u);
  EXPECT_EQ(log.at(3).causes, std::vector<uint64_t>{1});
  EXPECT_EQ(log.at(3).clock.at(log.host_of(kDb)), 1u);
}

TEST_F(SchedulerTest, WhatWaitsForOthersIsNeitherLoggedNorDecidedBeforeItsTime) {
  PatientOwner patient;
  const OperationId id = scheduler.submit(call(kDb, "read", "/data"), patient, true);
  EXPECT_EQ(log.size(), 0u);
  scheduler.retry(id);
  EXPECT_TRUE(patient.decisions.empty());
  patient.ready = true;
  scheduler.retry(id);
  EXPECT_EQ(patient.decisions.size(), 1u);
  EXPECT_EQ(log.size(), 1u);
  scheduler.retry(id);  // it has gone
  EXPECT_EQ(log.size(), 1u);
}

TEST_F(SchedulerTest, AtTheEndNothingWaitsForAnybody) {
  PatientOwner patient;
  scheduler.submit(call(kDb, "read", "/data"), patient, true);
  scheduler.let_go();
  EXPECT_EQ(patient.decisions.size(), 1u);
  scheduler.submit(call(kDb, "read", "/data"), patient, true);
  EXPECT_EQ(patient.decisions.size(), 2u);
}

TEST_F(SchedulerTest, ADeniedCallWaitsForNobody) {
  PatientOwner patient;
  rules.open(kDb, {rule("read", eio())}, true);
  scheduler.submit(call(kDb, "read", "/data"), patient, true);
  EXPECT_EQ(patient.decisions.size(), 1u);
}

}  // namespace
}  // namespace fb
