// A guest program under the real supervisor, loop and scheduler: what a launcher and a run do, in
// miniature. One service, named "svc".
#pragma once
#include "core/model/fault_rule.h"
#include "core/sched/scheduler.h"
#include "interpose/seccomp/planner.h"
#include "interpose/seccomp/supervisor.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace fb {

std::string guest_path(std::string_view name);
SyscallSet calls_of(std::initializer_list<std::string_view> keys);  // families expanded

// "fsync=deny(EIO)" in pieces.
FaultRule rule(std::string_view key, FaultAction action, std::string_view path = "",
               std::string_view trigger = "");
DenyAction deny(std::string_view name);

class SupervisedRun {
 public:
  explicit SupervisedRun(SyscallSet recorded, bool deny_io_uring = false);
  ~SupervisedRun();

  // Starts the guest; its standard output is collected.
  void start(const std::vector<std::string>& argv);
  // Runs the loop until the guest has ended, at most 20 s. Returns its wait status.
  int finish();
  void run_until(const std::function<bool()>& done);

  std::string output();
  // The events of the log as "NAME DECISION" or "NAME DECISION PATH".
  std::vector<std::string> events(bool with_path = false) const;

  EpollLoop& loop() { return *loop_; }
  Scheduler& scheduler() { return *scheduler_; }
  Supervisor& supervisor() { return *supervisor_; }
  RuleSets& rules() { return *rules_; }
  const EventLog& log() const { return *log_; }
  int pid() const { return pid_; }

 private:
  bool ended();

  Topology topology_;
  std::unique_ptr<EpollLoop> loop_;
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<EventLog> log_;
  std::unique_ptr<RuleSets> rules_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<Supervisor> supervisor_;
  std::unique_ptr<SeccompPlanner> planner_;
  bool deny_io_uring_;
  int pid_ = -1;
  std::optional<int> status_;
  Fd output_;
  std::unique_ptr<FilterPlan> plan_;
};

}  // namespace fb
