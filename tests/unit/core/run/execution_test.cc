#include "core/run/execution.h"

#include "core/runtime/sim/sim_loop.h"
#include "tests/support/fake_net.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Services that a test ends when it likes; what happens to them is listed.
class ScriptedLauncher final : public Launcher {
 public:
  struct State {
    ServiceId service;
    ProcessListener* listener = nullptr;
    std::optional<ExitState> exit;
  };
  class ScriptedProcess final : public Process {
   public:
    ScriptedProcess(ScriptedLauncher& launcher, std::string name, State& state)
        : launcher_(launcher), name_(std::move(name)), state_(state) {}
    int pid() const override { return 2; }
    std::optional<ExitState> exit_state() const override { return state_.exit; }
    Status signal_main(int signal) override { return signal_all(signal); }
    Status signal_all(int) override { return {}; }
    void await_stop(Duration) override {
      launcher_.history.push_back("stop " + name_);
      const std::string text = std::exchange(launcher_.last_words[name_], "");
      if (!text.empty()) state_.listener->output(state_.service, false, text);
    }
    bool ending() override { return launcher_.ending.contains(name_) && !state_.exit; }
    bool await_exit(Duration) override {
      launcher_.end(name_, launcher_.ending.at(name_));
      return true;
    }
    bool listens_on(uint16_t) override { return true; }
    bool has_unaccepted(uint16_t) override { return false; }
    void catch_up() override {
      const std::string text = std::exchange(launcher_.unheard[name_], "");
      if (!text.empty()) state_.listener->output(state_.service, false, text);
    }
    std::vector<std::string> listening_addresses() override { return launcher_.addresses; }
    std::vector<std::string> blocked_in() override { return launcher_.blocked; }

   private:
    ScriptedLauncher& launcher_;
    std::string name_;
    State& state_;
  };

  Result<std::unique_ptr<Process>> launch(const LaunchSpec& spec,
                                          ProcessListener& listener) override {
    if (refused == spec.name) return failed("cannot start service \"" + spec.name + "\"");
    history.push_back("start " + spec.name);
    launched[spec.name] = spec;
    State& state = states[spec.name];
    state = {spec.service, &listener, std::nullopt};
    return std::unique_ptr<Process>(new ScriptedProcess(*this, spec.name, state));
  }
  void end(const std::string& name, ExitState exit) {
    State& state = states.at(name);
    state.exit = exit;
    state.listener->exited(state.service, exit);
  }

  std::vector<std::string> history;
  std::map<std::string, State> states;
  std::map<std::string, LaunchSpec> launched;
  std::string refused;
  std::map<std::string, std::string> unheard;     // printed, but not yet heard of
  std::map<std::string, std::string> last_words;  // printed when it is stopped
  std::map<std::string, ExitState> ending;        // who is about to end, and how
  std::vector<std::string> addresses, blocked;
};

class NoClients final : public ClientCatalog {
 public:
  std::span<const StepMethod> methods(std::string_view) const override { return {}; }
  StepResponse call(Net&, const StepCall&) override { return {.ok = true, .status = 200}; }
  Status probe(Net&, std::string_view, const Address&, Duration) override { return {}; }
  Status check_rule(std::string_view, const ProtocolRule&) const override { return {}; }
  Status probe_http(Net&, std::string_view, Duration) override { return probe_result; }
  Status probe_result;
};

class ExecutionTest : public ::testing::Test {
 protected:
  ExecutionTest() {
    for (const char* name : {"api", "db"}) {
      ServiceSpec service;
      service.name = name;
      service.binary = name;
      service.interfaces = {{"main", "http", 8080, ""}};
      topology_.services.push_back(service);
    }
    api().depends_on = {"db"};
    options_.test = "test_x";
  }
  ServiceSpec& api() { return topology_.services[0]; }
  ServiceSpec& db() { return topology_.services[1]; }

  TestResult run(const std::function<std::optional<TestFailure>(Execution&)>& body) {
    const ExecutionEnvironment environment{
        .launcher = launcher_,
        .net = net_,
        .probe_net = net_,
        .clients = clients_,
        .inherited = {{"HOME", "/home"}, {"FAULTBOX_DIR", "old"}},
        .find_binary = [](const ServiceSpec& spec) -> Result<std::string> {
          return "/bin/" + spec.binary;
        },
        .private_directory = [](const std::string& name) -> Result<std::string> {
          return "/private/" + name;
        },
    };
    execution_ = std::make_unique<Execution>(loop_, topology_, options_);
    return execution_->run(environment, [&] { return body(*execution_); });
  }
  TestResult run() {
    return run([](Execution&) { return std::nullopt; });
  }

  SimLoop loop_;
  ScriptedLauncher launcher_;
  test::FakeNet net_;
  NoClients clients_;
  Topology topology_;
  ExecutionOptions options_;
  std::unique_ptr<Execution> execution_;
};

TEST_F(ExecutionTest, StartsDependenciesFirstAndStopsInReverse) {
  EXPECT_EQ(run().result, Verdict::kPass);
  EXPECT_EQ(launcher_.history,
            (std::vector<std::string>{"start db", "start api", "stop api", "stop db"}));
}

TEST_F(ExecutionTest, ServicesGetTheirAddressesAndPrivateDirectory) {
  db().env = {{"HOME", "/data"}};
  run();
  const EnvMap& env = launcher_.launched.at("db").env;
  EXPECT_EQ(env.at("FAULTBOX_API_MAIN_ADDR"), "localhost:8080");
  EXPECT_EQ(env.at("FAULTBOX_DIR"), "/private/db");
  EXPECT_EQ(env.at("HOME"), "/data");
  EXPECT_EQ(launcher_.launched.at("api").env.at("HOME"), "/home");
}

TEST_F(ExecutionTest, WhatWasPrintedBeforeTheVerdictIsHeardAndNothingAfterIt) {
  db().observe = {{.kind = ObserveSource::Kind::kStdout}};
  const TestResult result = run([&](Execution&) {
    launcher_.unheard["db"] = "done\n";
    launcher_.last_words["db"] = "late\n";
    return std::nullopt;
  });
  ASSERT_EQ(result.events.back().type, EventType::kStdout);
  EXPECT_EQ(result.events.back().field("raw"), "done");
}

TEST_F(ExecutionTest, AMonitorThatObjectsToTheLastLinesFailsTheTest) {
  db().observe = {{.kind = ObserveSource::Kind::kStdout}};
  const TestResult result = run([&](Execution& execution) {
    execution.log().listen([&](const Event& event) {
      if (event.type == EventType::kStdout) execution.abort({"monitor", "too late", {}});
    });
    launcher_.unheard["db"] = "done\n";
    return std::nullopt;
  });
  EXPECT_EQ(result.failure_type, "monitor");
}

TEST_F(ExecutionTest, ASourceThatCannotBeAttachedFailsTheStart) {
  db().observe = {{.kind = ObserveSource::Kind::kTail, .path = "/tmp/log"}};
  const TestResult result = run();
  EXPECT_EQ(result.failure_type, "service_start");
  EXPECT_EQ(result.reason,
            "failed to start services: cannot observe service \"db\": files cannot be followed "
            "here");
  EXPECT_TRUE(launcher_.history.empty());
}

TEST_F(ExecutionTest, AFailedLaunchStartsNoDependantAndStopsTheRest) {
  launcher_.refused = "api";
  const TestResult result = run();
  EXPECT_EQ(result.failure_type, "service_start");
  EXPECT_EQ(result.reason, "failed to start services: cannot start service \"api\"");
  ASSERT_EQ(result.diagnostics.size(), 1u);
  EXPECT_EQ(result.diagnostics[0].code, "LAUNCH_FAILED");
  EXPECT_EQ(launcher_.history.back(), "stop db");
}

TEST_F(ExecutionTest, AHealthCheckThatNeverSucceedsTimesOut) {
  db().healthcheck = {HealthCheck::Kind::kHttp, "http://localhost:8080/", seconds(1)};
  clients_.probe_result = failed("status 503");
  launcher_.addresses = {"127.0.0.1:9090", "[::1]:9090"};
  const TestResult result = run();
  EXPECT_EQ(result.failure_type, "service_start");
  EXPECT_NE(result.reason.find("not ready after 1s: status 503"), std::string::npos)
      << result.reason;
  EXPECT_EQ(result.diagnostics.at(0).code, "HEALTHCHECK_TIMEOUT");
  EXPECT_EQ(result.diagnostics[0].suggestion,
            "the process lives and listens on 127.0.0.1:9090, [::1]:9090");
}

TEST_F(ExecutionTest, AnUnexpectedExitFailsTheTestAndTheBodyGoesOn) {
  bool went_on = false;
  const TestResult result = run([&](Execution& execution) {
    launcher_.states.at("db").listener->output(ServiceId{1}, true, "disk on fire\n");
    launcher_.end("db", {.signalled = true, .code = 11});
    execution.await_events(milliseconds(5), [] { return false; });
    went_on = true;
    return std::optional(TestFailure{"assertion", "assert_eq failed: 1 != 2", {}});
  });
  EXPECT_TRUE(went_on);
  EXPECT_EQ(result.failure_type, "crash");
  EXPECT_NE(result.reason.find("service \"db\" exited unexpectedly: signal 11 (SIGSEGV)"),
            std::string::npos)
      << result.reason;
  EXPECT_NE(result.reason.find("disk on fire"), std::string::npos);
  EXPECT_EQ(result.error_detail->also, std::vector<std::string>{"assert_eq failed: 1 != 2"});
}

TEST_F(ExecutionTest, AnEndThatBeganDuringTheBodyCountsThoughItIsHeardOfLater) {
  const TestResult result = run([&](Execution&) {
    launcher_.ending["db"] = {.signalled = false, .code = 1};
    return std::nullopt;
  });
  EXPECT_EQ(result.failure_type, "crash");
}

TEST_F(ExecutionTest, AnExitThatMayHappenIsNoFailure) {
  db().may_exit = true;
  const TestResult result = run([&](Execution&) {
    launcher_.end("db", {.signalled = false, .code = 3});
    return std::nullopt;
  });
  EXPECT_EQ(result.result, Verdict::kPass);
  EXPECT_EQ(result.events.back().type, EventType::kServiceStopped);
  EXPECT_EQ(result.events.back().field("expected"), "true");
}

TEST_F(ExecutionTest, ABodyThatDoesNotEndIsTimedOutWhereverItWaits) {
  options_.timeout = seconds(60);
  launcher_.blocked = {"read socket:[7]"};
  const TestResult result = run([](Execution& execution) {
    execution.await_events(std::chrono::hours(1), [] { return false; });
    return std::nullopt;
  });
  EXPECT_EQ(result.failure_type, "timeout");
  EXPECT_EQ(result.reason, "test timed out after 60s");
  EXPECT_EQ(result.diagnostics.at(0).code, "TIMEOUT_NO_FAULT_FIRED");
  EXPECT_EQ(result.diagnostics[0].suggestion,
            "faults are not the cause; waiting: api in read socket:[7]; db in read socket:[7]");
}

TEST_F(ExecutionTest, AbortEndsAllBranchesAtOnce) {
  int ended = 0;
  const TestResult result = run([&](Execution& execution) {
    struct Count {
      ~Count() { ++*n; }
      int* n;
    };
    const auto wait = [&](ActorId) {
      const Count count{&ended};
      execution.await_events(std::chrono::hours(1), [] { return false; });
    };
    const auto stop = [&](ActorId) { execution.abort({"monitor", "monitor violation: x", {}}); };
    execution.parallel(ActorId::test(), {wait, wait, stop});
    return std::nullopt;
  });
  EXPECT_EQ(ended, 2);
  EXPECT_EQ(result.failure_type, "monitor");
  EXPECT_EQ(result.events.back().type, EventType::kViolation);
}

TEST_F(ExecutionTest, RulesGetTheirIdentityByBranchTextAndOrdinal) {
  const auto refuse = [] {
    FaultRule rule;
    rule.key = "connect";
    rule.filter = expand_family("connect");
    for (SyscallId call : rule.filter) rule.calls.insert(call);
    rule.action = DenyAction{111, "ECONNREFUSED"};
    return rule;
  };
  run([&](Execution& execution) {
    EXPECT_TRUE(
        execution.open_faults(ActorId::test(), ServiceId{0}, {refuse(), refuse()}, false).ok());
    EXPECT_TRUE(
        execution.open_faults(ActorId::branch(ActorId::test(), 1), ServiceId{0}, {refuse()}, true)
            .ok());
    return std::nullopt;
  });
  std::vector<std::string> identities;
  for (const RuleScope& scope : execution_->rules().history())
    for (const RuleState& state : scope.rules) identities.push_back(state.rule.identity);
  EXPECT_EQ(identities, (std::vector<std::string>{"|connect=deny(ECONNREFUSED)|0",
                                                  "|connect=deny(ECONNREFUSED)|1",
                                                  "1|connect=deny(ECONNREFUSED)|0"}));
}

TEST_F(ExecutionTest, FaultsNeedARunningService) {
  db().may_exit = true;
  run([&](Execution& execution) {
    launcher_.end("db", {.signalled = false, .code = 0});
    const Result<uint64_t> scope = execution.open_faults(ActorId::test(), ServiceId{1}, {}, false);
    EXPECT_FALSE(scope.ok());
    EXPECT_EQ(scope.error().message, "service \"db\" is not running");
    return std::nullopt;
  });
}

}  // namespace
}  // namespace fb
