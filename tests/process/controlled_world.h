// A World of real services: small line servers, started afresh for every execution, driven by steps
// the way a spec drives them: one request to prepare, one to each service in parallel, one to look
// at the result.
#pragma once
#include "core/run/execution.h"
#include "core/sched/world.h"
#include "interpose/process/isolation.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fb {

struct LineService {
  std::string name;
  std::string binary;
  std::vector<std::string> args;
  uint16_t port = 0;
  std::vector<std::string> depends_on;
  std::map<std::string, std::string> env;
};

struct LineScenario {
  std::vector<LineService> services;
  std::string prepare;          // sent to `first`; "" for nothing
  std::vector<std::string> go;  // names of the services that get "go", one branch each
  std::string first;            // gets `prepare` and `look`
  std::string look = "state";   // "" for nothing
  // Whether replies and state are wrong.
  std::function<bool(const std::vector<std::string>& replies, const std::string& state)> wrong;
  bool realtime = false;
  Duration spin_limit = std::chrono::seconds(10);
};

class ControlledWorld final : public World {
 public:
  explicit ControlledWorld(LineScenario scenario);

  int capacity() const override { return 1; }
  void start(uint64_t ticket, const Plan& plan) override;
  Finished await_any() override;

  // One execution; its log is kept in `last_log`.
  ExecutionRecord execute(const Plan& plan);
  std::string last_error;

 private:
  LineScenario scenario_;
  Topology topology_;
  Isolation isolation_;
  std::vector<Finished> finished_;
};

}  // namespace fb
