// The Launcher for local binaries. Each service gets a small init process (init_process.h), and
// with it, where the kernel allows, a PID namespace of its own: whatever the service forks, it is
// found by a signal and gone after a stop, and all of it dies with this process.
#pragma once
#include "core/base/result.h"
#include "core/runtime/launcher.h"
#include "interpose/process/filter_plan.h"
#include "interpose/sys/epoll_loop.h"

#include <memory>
#include <sched.h>
#include <string>

namespace fb {

class LocalProcess;

struct LaunchOptions {
  // PID namespaces are tried first. Where the kernel refuses, or if false, subreapers do.
  bool pid_namespace = true;
  // The network namespace holds nothing but this test's services: who listens on a port need not be
  // found out.
  bool private_network = false;
  // Standard input, output and error of this process become the program's, and with them its
  // session and its terminal; no output is reported. Else: /dev/null and pipes.
  bool pass_stdio = false;
  // The program gets a user namespace of its own in which everybody keeps their number. For a
  // launcher that has the rights of root; where the kernel refuses, it runs without.
  bool user_namespace = false;
};

class LocalLauncher final : public Launcher {
 public:
  // `planner` may be empty: then no filters. Remembers the cores this process may use now; pin
  // afterwards.
  LocalLauncher(EpollLoop& loop, FilterPlanner* planner, LaunchOptions options);

  // Inside a fiber.
  Result<std::unique_ptr<Process>> launch(const LaunchSpec& spec,
                                          ProcessListener& listener) override;

  // Empty, or why services run without PID namespaces.
  const std::string& shared_processes_why() const { return shared_processes_why_; }
  // Empty, or why the program runs without the user namespace that was asked for.
  const std::string& shared_users_why() const { return shared_users_why_; }
  // The last launch failed because the binary cannot be executed.
  bool exec_failed() const { return exec_failed_; }

 private:
  Result<std::unique_ptr<LocalProcess>> start(const LaunchSpec& spec, ProcessListener& listener);

  EpollLoop& loop_;
  FilterPlanner* planner_;
  LaunchOptions options_;
  cpu_set_t cpus_{};
  std::string shared_processes_why_, shared_users_why_;
  bool exec_failed_ = false;
};

}  // namespace fb
