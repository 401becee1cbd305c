// A service's processes as the loop sees them: output pipes, the events of their init, and the
// pidfd that tells when nothing is left.
#pragma once
#include "core/runtime/launcher.h"
#include "interpose/process/listening.h"
#include "interpose/sys/epoll_loop.h"
#include "interpose/sys/fd.h"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <sys/types.h>
#include <vector>

namespace fb {

class LocalProcess final : public Process {
 public:
  struct Parts {
    ServiceId service;
    bool pid_namespace = false;
    bool private_network = false;
    Fd init;      // pidfd of the init process
    Fd commands;  // to the init process
    Fd events;    // from it
    Fd out, err;  // read ends, nonblocking
  };
  LocalProcess(EpollLoop& loop, ProcessListener& listener, Parts parts);
  ~LocalProcess() override;
  LocalProcess(const LocalProcess&) = delete;
  LocalProcess& operator=(const LocalProcess&) = delete;

  // Inside a fiber: waits for the init's word that the main process has been forked. Error: it
  // never was.
  Status await_started(Duration limit);
  // From now on the listener hears of it.
  void go_live();

  int pid() const override { return pid_; }
  std::optional<ExitState> exit_state() const override { return exit_; }
  Status signal_all(int signal) override;
  Status signal_main(int signal) override;
  void await_stop(Duration grace) override;
  bool ending() override;
  bool await_exit(Duration limit) override;
  bool listens_on(uint16_t port) override;
  bool has_unaccepted(uint16_t port) override;
  void catch_up() override { drain_outputs(); }
  std::vector<std::string> listening_addresses() override;
  std::vector<std::string> blocked_in() override;

 private:
  struct Output {
    Fd pipe;
    std::unique_ptr<EpollLoop::Watch> watch;
  };
  std::vector<ListeningSocket> listeners(WantedPort port) const;
  std::vector<pid_t> pids() const;
  bool await(const std::function<bool()>& condition, Duration limit);
  void wake_waiters();
  void drain(bool is_stderr, size_t at_most);
  void drain_outputs();
  void on_event();
  void on_init_end();
  void end();

  EpollLoop& loop_;
  ProcessListener& listener_;
  Parts parts_;
  std::array<Output, 2> outputs_;  // stdout, stderr
  std::unique_ptr<EpollLoop::Watch> events_watch_, init_watch_;
  int pid_ = -1;
  Fd main_;  // pidfd of the main process
  std::optional<ExitState> exit_;
  bool gone_ = false;  // nothing is left, and the init has been reaped
  std::vector<Fiber*> waiters_;
};

}  // namespace fb
