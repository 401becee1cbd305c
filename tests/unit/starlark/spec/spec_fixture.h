// A spec in memory, run by a real Execution over a simulated loop: services that only exist, steps
// that answer what the test says, syscalls that the test submits.
#pragma once
#include "core/run/execution.h"
#include "core/runtime/sim/sim_loop.h"
#include "starlark/spec/spec.h"
#include "tests/support/fake_net.h"
#include "tests/support/memory_files.h"

#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fb::spec {

// A process that only exists, until a signal ends it.
class IdleProcess final : public Process {
 public:
  IdleProcess(Loop& loop, ServiceId service, ProcessListener& listener)
      : loop_(loop), service_(service), listener_(listener) {}
  int pid() const override { return 100; }
  std::optional<ExitState> exit_state() const override { return exit_; }
  Status signal_main(int signal) override { return signal_all(signal); }
  Status signal_all(int signal) override;
  void await_stop(Duration) override {}
  bool ending() override { return false; }
  bool await_exit(Duration) override;
  bool listens_on(uint16_t) override { return true; }
  bool has_unaccepted(uint16_t) override { return false; }
  void catch_up() override {}
  std::vector<std::string> listening_addresses() override { return {}; }
  std::vector<std::string> blocked_in() override { return {}; }

 private:
  Loop& loop_;
  ServiceId service_;
  ProcessListener& listener_;
  std::optional<ExitState> exit_;
};

class IdleLauncher final : public Launcher {
 public:
  explicit IdleLauncher(Loop& loop) : loop_(loop) {}
  std::vector<LaunchSpec> launched;
  ProcessListener* told = nullptr;  // the same for every service
  Result<std::unique_ptr<Process>> launch(const LaunchSpec& spec,
                                          ProcessListener& listener) override {
    launched.push_back(spec);
    told = &listener;
    return std::unique_ptr<Process>(new IdleProcess(loop_, spec.service, listener));
  }

 private:
  Loop& loop_;
};

// http get and post, tcp send, redis command; every call is listed and answered by `answer`.
class ScriptedCatalog final : public ClientCatalog {
 public:
  std::vector<StepCall> calls;
  std::function<StepResponse(const StepCall&)> answer;

  std::span<const StepMethod> methods(std::string_view protocol) const override;
  StepResponse call(Net& net, const StepCall& call) override;
  Status probe(Net&, std::string_view, const Address&, Duration) override { return {}; }
  Status check_rule(std::string_view, const ProtocolRule&) const override { return {}; }
  Status probe_http(Net&, std::string_view, Duration) override { return {}; }
};

class SpecTest : public testing::Test, private OperationOwner {
 protected:
  // The spec file is spec.star; other files by name.
  Spec::Loaded load(const std::string& source);
  // Loads it; the report of the failure, or "" when there is none.
  std::string load_error(const std::string& source);
  // Loads and runs `test_a`.
  TestResult run(const std::string& source, const std::string& test = "test_a");
  // The reason of a failure, with `kServices` before the source and the body indented below
  // `def test_a():`.
  std::string reason_in_test(const std::string& body);

  // A call that a service makes now. What became of it is in decisions() at that index.
  size_t submit(std::string_view service, std::string_view call, const std::string& path = "",
                int pid = 7);
  // "allow", "deny 5", "" while it waits.
  const std::vector<std::string>& decisions() const { return decisions_; }

  test::MemoryFiles files_;
  ScriptedCatalog catalog_;
  // Texts are read once per cache: another source gets another one.
  std::unique_ptr<SpecCache> cache_;
  std::string last_source_;
  SimLoop loop_;
  IdleLauncher launcher_{loop_};
  test::FakeNet net_;
  std::vector<std::string> printed_;
  std::unique_ptr<Spec> spec_;
  std::unique_ptr<Execution> execution_;
  std::vector<RecordedExtension> extensions_;
  std::function<void()> before_body_;

 private:
  void decided(OperationId id, const Decision& decision) override;
  bool probe(OperationId, Operation&) override { return true; }

  std::vector<std::string> decisions_;
  std::map<OperationId, size_t> submitted_;
};

// Two services, `db` (tcp main, with an operation) and `api` (http main).
inline constexpr const char* kServices =
    "db = service('db', './db', interface('main', 'tcp', 7000),\n"
    "             ops = {'persist': op(['write', 'fsync'], path = '*.wal')})\n"
    "api = service('api', './api', interface('main', 'http', 8080), depends_on = [db])\n";
inline constexpr int kServicesLines = 3;

}  // namespace fb::spec
