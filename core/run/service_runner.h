// The life of one service in one execution: launched, ready, paused, stopped, started again, ended
// by itself. Logs what happens to it; whether an exit fails the test is the execution's business.
#pragma once
#include "core/model/topology.h"
#include "core/run/execution_environment.h"
#include "core/run/observers.h"
#include "core/run/output_tail.h"
#include "core/run/test_result.h"
#include "core/sched/clock.h"
#include "core/trace/event_log.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fb {

class ServiceRunner {
 public:
  struct Surroundings {
    const ExecutionEnvironment& env;
    const Topology& topology;
    EventLog& log;
    Clock& clock;
    FiberPool& fibers;
    bool controlled = false;
    bool followed = false;
    ProcessListener& listener;
    std::function<bool()> given_up;  // nobody waits for readiness any more
  };
  ServiceRunner(ServiceId id, const Surroundings& surroundings);
  ServiceRunner(const ServiceRunner&) = delete;
  ServiceRunner& operator=(const ServiceRunner&) = delete;

  const ServiceSpec& spec() const { return spec_; }
  ServiceId id() const { return id_; }
  bool ready() const { return ready_; }
  bool is_up() const { return process_ != nullptr && !exit_; }
  bool paused() const { return paused_; }
  // In a fiber: if it has begun to end, waits until it is known how. A step that found its
  // connection closed may be over before the process that closed it.
  void await_end_under_way();
  const std::optional<ExitState>& exit_state() const { return exit_; }
  std::string output_tail() const { return tail_.text(); }
  Observers& observers() { return observers_; }
  // What its threads wait in, for people.
  std::vector<std::string> blocked_in() const;

  // In a fiber: launches it and waits until it is ready. What went wrong is a diagnostic:
  // LAUNCH_FAILED, HEALTHCHECK_TIMEOUT, SERVICE_CRASHED. Nothing when given_up() became true.
  std::optional<Diagnostic> start(std::optional<Duration> ready_limit = std::nullopt);
  // In a fiber: resumes it if paused, SIGTERM, SIGKILL after the grace; nothing is left of it.
  void stop();
  // Signals every process of it; in a fiber: after SIGKILL waits for the end.
  Status kill(int signal);
  Status pause();
  Status resume();

  // The process told us; see ProcessListener.
  void printed(bool is_stderr, std::string_view bytes);
  void exited(ExitState state);
  // Hears at once of what it has printed and written by now, if anybody observes it.
  void catch_up();
  // Logs service_stopped.
  void log_exit(bool expected);
  // The exit was, or will have been, the test's own doing (kill, restart).
  void acknowledge() { acknowledged_ = true; }
  bool exit_expected() const;

 private:
  void follows_driver();
  Status await_free_ports();
  Result<std::unique_ptr<Process>> launch();
  void log(EventType type);

  ServiceId id_;
  const Surroundings& around_;
  const ServiceSpec& spec_;
  std::unique_ptr<Process> process_;
  bool ready_ = false;
  bool paused_ = false;
  bool acknowledged_ = false;
  std::optional<std::string> directory_;
  std::optional<ExitState> exit_;
  OutputTail tail_;
  Observers observers_;
};

}  // namespace fb
