#include "core/sched/partitions.h"

#include "core/model/errno_table.h"
#include "core/runtime/sim/sim_loop.h"
#include "core/sched/scheduler.h"

#include <gtest/gtest.h>
#include <map>
#include <rapidcheck/gtest.h>

namespace fb {
namespace {

using std::chrono::milliseconds;

constexpr ServiceId kA{0}, kB{1}, kC{2};
constexpr PartitionMode kRefuse = PartitionMode::kRefuse, kDrop = PartitionMode::kDrop;
constexpr PartitionDirection kBoth = PartitionDirection::kBoth, kAToB = PartitionDirection::kAToB,
                             kBToA = PartitionDirection::kBToA;

Topology three_services() {
  Topology topology;
  uint16_t port = 7000;
  for (const char* name : {"a", "b", "c"}) {
    ServiceSpec service;
    service.name = name;
    service.interfaces = {{"main", "tcp", ++port, ""}};
    topology.services.push_back(service);
  }
  return topology;
}

Operation socket_call(ServiceId from, const char* name, const char* to, bool datagram) {
  Operation operation;
  operation.actor = ActorId::service(from, 0, 0);
  operation.service = from;
  operation.call = *find_syscall(name);
  operation.path = "socket:[1]";
  operation.is_socket = true;
  operation.is_datagram = datagram;
  operation.peer = parse_address(to).value();
  return operation;
}
Operation connect(ServiceId from, const char* to) {
  return socket_call(from, "connect", to, false);
}

// Ports of the kernel's choice, as a test says.
class Held final : public PeerLocator {
 public:
  std::optional<ServiceId> owner(const Address& address, bool) override {
    const auto found = by_port.find(address.port);
    return found == by_port.end() ? std::nullopt : std::optional(found->second);
  }
  std::map<uint16_t, ServiceId> by_port;
};

class PartitionSetTest : public ::testing::Test {
 protected:
  std::string text(const Operation& operation) const {
    const auto cut = set_.cut(operation);
    return cut ? cut->text : "";
  }
  uint64_t open(PartitionDirection direction, PartitionMode mode, ServiceId a = kA,
                ServiceId b = kB) {
    set_.open({++last_, a, b, direction, mode, true});
    return last_;
  }

  const Topology topology_ = three_services();
  PartitionSet set_{topology_};
  uint64_t last_ = 0;
};

TEST_F(PartitionSetTest, CutsConnectsOfThePairInBothDirections) {
  open(kBoth, kRefuse);
  EXPECT_EQ(text(connect(kA, "127.0.0.1:7002")), "deny(connection refused)");
  EXPECT_EQ(text(connect(kB, "127.0.0.1:7001")), "deny(connection refused)");
  EXPECT_EQ(text(connect(kA, "127.0.0.1:7003")), "");
  EXPECT_EQ(text(connect(kC, "127.0.0.1:7001")), "");
  EXPECT_EQ(set_.cut(connect(kA, "127.0.0.1:7002"))->decision,
            Decision(Deny{*errno_number("ECONNREFUSED")}));
}

TEST_F(PartitionSetTest, KnowsAServiceUnderEveryLoopbackAddress) {
  open(kBoth, kDrop);
  for (const char* address : {"127.0.0.1:7002", "127.9.8.7:7002", "[::1]:7002",
                              "[::ffff:127.0.0.1]:7002", "0.0.0.0:7002", "[::]:7002"})
    EXPECT_EQ(text(connect(kA, address)), "drop(partition)") << address;
  EXPECT_EQ(text(connect(kA, "10.0.0.1:7002")), "");
  EXPECT_EQ(text(connect(kA, "[::2]:7002")), "");
}

TEST_F(PartitionSetTest, WhoHoldsAnAddressCountsMoreThanWhoDeclaresIt) {
  Held held;
  held.by_port = {{40000, kB}, {7003, kB}, {7002, kC}};
  set_.locate_with(&held);
  open(kBoth, kDrop);
  EXPECT_EQ(text(socket_call(kA, "sendto", "127.0.0.1:40000", true)), "drop(partition)");
  EXPECT_EQ(text(connect(kA, "127.0.0.1:7003")), "drop(partition)");
  EXPECT_EQ(text(connect(kA, "127.0.0.1:7002")), "");
}

TEST_F(PartitionSetTest, ADirectionLeavesTheOtherAlone) {
  const uint64_t forward = open(kAToB, kRefuse);
  EXPECT_EQ(text(connect(kA, "127.0.0.1:7002")), "deny(connection refused)");
  EXPECT_EQ(text(connect(kB, "127.0.0.1:7001")), "");
  EXPECT_FALSE(set_.resets(kA, kB));
  set_.close(forward);
  open(kBToA, kRefuse);
  EXPECT_EQ(text(connect(kA, "127.0.0.1:7002")), "");
  EXPECT_EQ(text(connect(kB, "127.0.0.1:7001")), "deny(connection refused)");
}

TEST_F(PartitionSetTest, DatagramsAreDroppedInEveryModeAndTheirConnectsAllowed) {
  open(kBoth, kRefuse);
  for (const char* call : {"sendto", "sendmsg", "sendmmsg", "write", "writev"})
    EXPECT_EQ(text(socket_call(kA, call, "127.0.0.1:7002", true)), "drop(partition)") << call;
  EXPECT_EQ(text(socket_call(kA, "connect", "127.0.0.1:7002", true)), "");
  EXPECT_EQ(text(socket_call(kA, "sendto", "127.0.0.1:7002", false)), "");
  EXPECT_EQ(text(socket_call(kA, "recvfrom", "127.0.0.1:7002", true)), "");
}

TEST_F(PartitionSetTest, TheNewestThatCutsDecides) {
  open(kBoth, kRefuse);
  const uint64_t inner = open(kAToB, kDrop);
  EXPECT_EQ(text(connect(kA, "127.0.0.1:7002")), "drop(partition)");
  EXPECT_EQ(text(connect(kB, "127.0.0.1:7001")), "deny(connection refused)");
  EXPECT_FALSE(set_.resets(kA, kB));
  set_.close(inner);
  EXPECT_EQ(text(connect(kA, "127.0.0.1:7002")), "deny(connection refused)");
  EXPECT_TRUE(set_.resets(kB, kA));
}

TEST_F(PartitionSetTest, UnixSocketsAndStepsAreNoBusinessOfIt) {
  open(kBoth, kRefuse);
  Operation local = connect(kA, "127.0.0.1:7002");
  local.peer = parse_address("unix:/run/x").value();
  EXPECT_EQ(text(local), "");
  Operation step = connect(kTestDriver, "127.0.0.1:7002");
  step.kind = OperationKind::kStep;
  EXPECT_EQ(text(step), "");
}

// Whatever is opened and closed, in any order: what is left open decides, and nothing else.
RC_GTEST_FIXTURE_PROP(PartitionSetTest, IsAFunctionOfWhatIsOpen, ()) {
  std::vector<Partition> model;
  const auto steps = *rc::gen::inRange(1, 20);
  for (int i = 0; i < steps; ++i) {
    if (!model.empty() && *rc::gen::inRange(0, 3) == 0) {
      const auto at = *rc::gen::inRange<size_t>(0, model.size());
      set_.close(model[at].id);
      model.erase(model.begin() + static_cast<ptrdiff_t>(at));
      continue;
    }
    const ServiceId a{static_cast<uint16_t>(*rc::gen::inRange(0, 3))};
    const ServiceId b{static_cast<uint16_t>((a.value + *rc::gen::inRange(1, 3)) % 3)};
    const auto direction = *rc::gen::element(kBoth, kAToB, kBToA);
    const auto mode = *rc::gen::element(kRefuse, kDrop);
    open(direction, mode, a, b);
    model.push_back(set_.all().back());
  }
  for (const ServiceId from : {kA, kB, kC}) {
    for (const ServiceId to : {kA, kB, kC}) {
      std::optional<PartitionMode> newest;
      for (const Partition& p : model) {
        const bool forward = p.a == from && p.b == to && p.direction != kBToA;
        const bool backward = p.b == from && p.a == to && p.direction != kAToB;
        if (forward || backward) newest = p.mode;
      }
      const std::string address = "127.0.0.1:" + std::to_string(7001 + to.value);
      const std::string wanted = !newest              ? ""
                                 : *newest == kRefuse ? "deny(connection refused)"
                                                      : "drop(partition)";
      RC_ASSERT(text(connect(from, address.c_str())) == wanted);
      RC_ASSERT(set_.cuts(from, to) == newest.has_value());
    }
  }
}

TEST(PartitionWordsTest, ReadWhatTheyWrite) {
  for (const auto mode : {kRefuse, kDrop}) EXPECT_EQ(parse_mode(mode_text(mode)), mode);
  for (const auto direction : {kBoth, kAToB, kBToA})
    EXPECT_EQ(parse_direction(direction_text(direction)), direction);
  EXPECT_FALSE(parse_mode("reject"));
  EXPECT_FALSE(parse_direction("a<-b"));
}

// --- together with rules

class Owner final : public OperationOwner {
 public:
  void decided(OperationId, const Decision& decision) override { decisions.push_back(decision); }
  bool probe(OperationId, Operation&) override { return true; }
  std::vector<Decision> decisions;
};

class StackTest : public ::testing::Test {
 protected:
  uint64_t partition(PartitionMode mode) {
    const uint64_t id = rules_.take_scope_id();
    scheduler_.partitions().open({id, kA, kB, kBoth, mode, false});
    return id;
  }
  RuleScope& fault(FaultAction action) {
    FaultRule rule;
    rule.key = "connect";
    rule.filter = expand_family("connect");
    for (SyscallId id : rule.filter) rule.calls.insert(id);
    rule.action = std::move(action);
    return rules_.open(kA, {rule}, false);
  }
  void dial() { scheduler_.submit(connect(kA, "127.0.0.1:7002"), owner_, true); }
  std::string last_decision() const { return std::string(log_.events().back().field("decision")); }

  const Topology topology_ = three_services();
  SimLoop loop_;
  EventLog log_{topology_.names()};
  Clock clock_{loop_, Clock::Mode::kVirtual, 0};
  RuleSets rules_{topology_, [](std::string_view, std::string_view, uint64_t) { return 0.0; }};
  Scheduler scheduler_{topology_, log_, clock_, rules_};
  Owner owner_;
};

TEST_F(StackTest, ANewerPartitionDecidesAndOlderRulesAreNotCounted) {
  const RuleScope& scope = fault(DenyAction{5, "EIO"});
  partition(kRefuse);
  dial();
  EXPECT_EQ(last_decision(), "deny(connection refused)");
  EXPECT_EQ(scope.rules.front().matched, 0u);
}

TEST_F(StackTest, ANewerRuleDecidesBeforeAnOlderPartition) {
  partition(kRefuse);
  fault(DenyAction{5, "EIO"});
  dial();
  EXPECT_EQ(last_decision(), "deny(input/output error)");
}

TEST_F(StackTest, AnInnerAllowShields) {
  partition(kDrop);
  fault(AllowAction{});
  dial();
  EXPECT_EQ(last_decision(), "allow");
  EXPECT_EQ(owner_.decisions.back(), Decision(Allow{}));
}

TEST_F(StackTest, AHeldCallMeetsTheNetworkOfItsRelease) {
  fault(HoldAction{"gate"});
  dial();
  EXPECT_TRUE(owner_.decisions.empty());
  partition(kDrop);
  scheduler_.release("gate", {}, {});
  EXPECT_EQ(last_decision(), "drop(partition) (released)");
  EXPECT_EQ(owner_.decisions.back(), Decision(Drop{}));
}

TEST_F(StackTest, ADelayedCallMeetsTheNetworkAfterThePause) {
  const uint64_t id = partition(kRefuse);
  fault(DelayAction{milliseconds(20)});
  dial();
  dial();
  EXPECT_TRUE(owner_.decisions.empty());
  clock_.advance();
  EXPECT_EQ(log_.events().front().field("decision"), "deny(connection refused)");
  EXPECT_EQ(log_.events().front().field("latency_ms"), "20");
  EXPECT_EQ(id, scheduler_.partitions().all().front().id);
}

TEST_F(StackTest, UnrecordedDatagramsAreDroppedWithoutAnEvent) {
  partition(kRefuse);
  scheduler_.submit(socket_call(kB, "sendto", "127.0.0.1:7001", true), owner_, false);
  EXPECT_EQ(owner_.decisions.back(), Decision(Drop{}));
  EXPECT_TRUE(log_.events().empty());
}

TEST_F(StackTest, TracedCallsAreAllowedRatherThanTracedWhileAPartitionIsOpen) {
  SyscallSet connects;
  connects.insert(*find_syscall("connect"));
  rules_.open_trace(kA, connects, false);
  const uint64_t id = partition(kRefuse);
  scheduler_.submit(connect(kA, "127.0.0.1:7003"), owner_, true);
  EXPECT_EQ(last_decision(), "allow");
  scheduler_.partitions().close(id);
  scheduler_.submit(connect(kA, "127.0.0.1:7003"), owner_, true);
  EXPECT_EQ(last_decision(), "trace");
}

// Where order is controlled a cut call touches nothing and cannot block.
TEST_F(StackTest, ACutCallIsEnabledAndTouchesNothing) {
  class Blocked final : public OperationOwner {
   public:
    void decided(OperationId, const Decision&) override {}
    bool probe(OperationId, Operation& operation) override {
      operation.footprint.everything();
      return false;
    }
  } blocked;
  scheduler_.control();
  const uint64_t id = partition(kRefuse);
  scheduler_.submit(connect(kA, "127.0.0.1:7002"), blocked, true);
  EXPECT_TRUE(scheduler_.parked().front().enabled);
  EXPECT_TRUE(scheduler_.parked().front().footprint == Footprint());
  scheduler_.partitions().close(id);
  EXPECT_FALSE(scheduler_.parked().front().enabled);
}

}  // namespace
}  // namespace fb
