// deny(), delay(), allow(), hold() and the rules that come of them.
#include "starlark/spec/actions.h"

#include "tests/unit/starlark/spec/spec_fixture.h"

namespace fb::spec {
namespace {

class ActionsTest : public SpecTest {
 protected:
  std::string printed(const std::string& expression) {
    printed_.clear();
    const Spec::Loaded loaded = load(std::string(kServices) + "print(" + expression + ")\n");
    return loaded.spec ? printed_.at(0) : loaded.report.substr(0, loaded.report.find('\n'));
  }
};

TEST_F(ActionsTest, ActionsPrintAsTheyAre) {
  EXPECT_EQ(printed("deny('eio')"), "<fault deny=EIO prob=100%>");
  EXPECT_EQ(printed("deny('EWOULDBLOCK')"), "<fault deny=EAGAIN prob=100%>");
  EXPECT_EQ(printed("delay('500ms', probability = '30%', label = 'x')"),
            "<fault delay=500ms prob=30% label=\"x\">");
  EXPECT_EQ(printed("hold('gate', path = '*.wal', destination = db.main, trigger = 'first=2')"),
            "<fault hold=gate prob=100% path=*.wal destination=db.main trigger=first=2>");
  EXPECT_EQ(printed("hold()"), "<fault hold prob=100%>");
  EXPECT_EQ(printed("allow(destination = 'localhost:*')"), "<fault allow destination=localhost:*>");
  EXPECT_EQ(printed("type(allow())"), "fault");
}

TEST_F(ActionsTest, ProbabilitiesAreReadAsWritten) {
  EXPECT_EQ(printed("deny('EIO', probability = 0.5)"), "<fault deny=EIO prob=50%>");
  EXPECT_EQ(printed("deny('EIO', probability = '0.5%')"), "<fault deny=EIO prob=0.5%>");
  EXPECT_EQ(printed("deny('EIO', probability = 1)"), "<fault deny=EIO prob=100%>");
}

TEST_F(ActionsTest, TriggersMayBeKeywordsWithANumber) {
  EXPECT_EQ(printed("deny('EIO', nth = 1)"), "<fault deny=EIO prob=100% trigger=nth=1>");
  EXPECT_EQ(printed("delay('1s', after = 0)"), "<fault delay=1s prob=100% trigger=after=0>");
  EXPECT_EQ(printed("hold('g', every = 3)"), "<fault hold=g prob=100% trigger=every=3>");
  EXPECT_EQ(printed("deny('EIO', first = 2)"), "<fault deny=EIO prob=100% trigger=first=2>");
  EXPECT_NE(printed("deny('EIO', nth = 0)").find("nth"), std::string::npos);
  EXPECT_NE(printed("deny('EIO', after = -1)").find("after"), std::string::npos);
  EXPECT_NE(printed("deny('EIO', nth = '1')").find("for parameter nth: got string, want int"),
            std::string::npos);
  EXPECT_NE(printed("deny('EIO', nth = 1, trigger = 'nth=1')")
                .find("deny(): takes one trigger, not trigger= and nth="),
            std::string::npos);
  EXPECT_NE(printed("deny('EIO', nth = 1, first = 1)").find("takes one trigger"),
            std::string::npos);
  EXPECT_NE(printed("deny('EIO', nht = 1)").find("did you mean \"nth\"?"), std::string::npos);
}

TEST_F(ActionsTest, MalformedConditionsAreErrors) {
  EXPECT_NE(printed("deny('EIO', probability = '30')").find("did you mean \"30%\"?"),
            std::string::npos);
  EXPECT_NE(printed("deny('EIO', probability = 30)").find("did you mean \"30%\"?"),
            std::string::npos);
  EXPECT_NE(printed("deny('EIO', trigger = 'nht=1')").find("deny(): "), std::string::npos);
  EXPECT_NE(printed("deny('EIO', path = '[a')").find("deny(): "), std::string::npos);
  EXPECT_NE(printed("deny('EIO', destination = 'dbb:1')")
                .find("unknown host \"dbb\" (did you mean \"db\"?)"),
            std::string::npos);
  EXPECT_NE(printed("deny('EIO', lable = 'x')").find("did you mean \"label\"?"), std::string::npos);
  EXPECT_NE(printed("deny(5)").find("deny(): for parameter errno: got int, want string"),
            std::string::npos);
  EXPECT_NE(printed("delay()").find("delay(): missing argument for duration"), std::string::npos);
  EXPECT_NE(printed("delay('5')").find("delay(): "), std::string::npos);
  EXPECT_NE(printed("delay('5s', command = 'GET')").find("command= is for rules of an interface"),
            std::string::npos);
}

// The rule of a KEY on the service `db`, by the action that an expression makes.
class RuleTest : public ActionsTest {
 protected:
  Fallible<FaultRule> rule(const std::string& key, const std::string& expression) {
    session_ = std::make_unique<Session>(files_, catalog_, SyscallExists{}, "spec.star");
    session_->topology.services = {
        {.name = "db",
         .ops = {{"persist",
                  {.name = "persist", .syscalls = {"write", "fsync"}, .path = path("*.wal")}}}}};
    FaultRule pattern;
    if (expression == "deny") pattern.action = DenyAction{5, "EIO"};
    if (expression == "hold") pattern.action = HoldAction{};
    if (expression == "labelled hold") {
      pattern.action = HoldAction{};
      pattern.label = "gate";
    }
    if (expression == "deny to a peer") {
      pattern.action = DenyAction{111, "ECONNREFUSED"};
      pattern.destination = Destination{.text = "db", .endpoints = {}};
    }
    return make_rule(*session_, ServiceId{0}, key, FaultValue(pattern));
  }
  static PathPattern path(std::string_view text) { return PathPattern::parse(text).value(); }

  std::unique_ptr<Session> session_;
};

TEST_F(RuleTest, AKeyIsExpandedToItsFamily) {
  const auto made = rule("fsync", "deny");
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made.value().filter, expand_family("fsync"));
  EXPECT_TRUE(made.value().calls.contains(*find_syscall("fdatasync")));
  EXPECT_EQ(made.value().op, "");
}

TEST_F(RuleTest, AnOperationBringsItsCallsAndItsPath) {
  const auto made = rule("persist", "deny");
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made.value().op, "persist");
  EXPECT_EQ(made.value().op_syscalls, (std::vector<std::string>{"write", "fsync"}));
  EXPECT_EQ(made.value().op_path->text(), "*.wal");
  EXPECT_TRUE(made.value().calls.contains(*find_syscall("pwrite64")));
  EXPECT_TRUE(made.value().calls.contains(*find_syscall("fdatasync")));
}

TEST_F(RuleTest, AHoldIsNamedAfterItsLabelOrItsKey) {
  EXPECT_EQ(std::get<HoldAction>(rule("fsync", "hold").value().action).tag, "fsync");
  EXPECT_EQ(std::get<HoldAction>(rule("fsync", "labelled hold").value().action).tag, "gate");
}

TEST_F(RuleTest, UnknownKeysSuggestCallsAndOperations) {
  EXPECT_EQ(rule("persits", "deny").failure().text,
            "unknown syscall \"persits\" (did you mean \"persist\"?), and service \"db\" has no "
            "operation of that name");
}

TEST_F(RuleTest, CallsThatNeverReturnCannotBeFaulted) {
  EXPECT_EQ(rule("exit_group", "deny").failure().text,
            "FAULT_NOT_FILTERABLE: exit_group cannot be faulted");
}

TEST_F(RuleTest, ADestinationNeedsACallWithAPeer) {
  EXPECT_TRUE(rule("connect", "deny to a peer").ok());
  EXPECT_TRUE(rule("sendmsg", "deny to a peer").ok());
  EXPECT_TRUE(rule("write", "deny to a peer").ok());
  EXPECT_FALSE(rule("fsync", "deny to a peer").ok());
  EXPECT_FALSE(rule("persist", "deny to a peer").ok());
}

TEST_F(RuleTest, ACallThatThisMachineLacksIsAnError) {
  Session session(
      files_, catalog_, [](SyscallId id) { return row_of(id).name != "open"; }, "spec.star");
  EXPECT_EQ(read_syscalls("open", session.syscall_exists).value().size(), 3u);
  const auto gone = read_syscalls("connect", [](SyscallId) { return false; });
  EXPECT_EQ(gone.failure().text, "syscall \"connect\" does not exist on this architecture");
}

}  // namespace
}  // namespace fb::spec
