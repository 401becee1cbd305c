// Starting and stopping the processes of a service. interpose/process implements it for local
// binaries.
#pragma once
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/model/ids.h"
#include "core/model/syscall_table.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fb {

// "SIGKILL" of 9, and back; names of signals 1 to 31.
std::string signal_name(int number);
std::optional<int> signal_number(std::string_view name);

struct LaunchSpec {
  ServiceId service;
  std::string name;
  std::string binary;                      // already looked up: a path
  std::vector<std::string> args;           // without argv[0]
  std::map<std::string, std::string> env;  // the whole environment
  std::string cwd;
  // Calls the supervisor must see; empty, neither controlled nor followed: no filter.
  SyscallSet notify;
  bool hide_vdso = false;       // clock calls must reach the kernel
  bool deny_io_uring = false;   // io_uring_setup answers ENOSYS
  bool route_connects = false;  // its connects may have to go through a proxy
  bool controlled =
      false;  // runs under the controlled scheduler: one core, everything order-relevant notified
  bool followed = false;  // order free: what it tells others and learns from them is notified
};

struct ExitState {
  bool signalled = false;
  int code = 0;  // exit code, or signal number
  bool operator==(const ExitState&) const = default;
  // "exit code 3", "signal 9 (SIGKILL)"
  std::string text() const;
};

// What the run hears from a service. Called from the loop, never from inside a call of Process but
// catch_up().
class ProcessListener {
 public:
  virtual ~ProcessListener() = default;
  virtual void output(ServiceId service, bool is_stderr, std::string_view bytes) = 0;
  virtual void exited(ServiceId service, ExitState state) = 0;  // the main process ended
};

class Process {
 public:
  virtual ~Process() = default;  // kills everything that is left of it, and waits
  virtual int pid() const = 0;
  virtual std::optional<ExitState> exit_state() const = 0;
  virtual Status signal_all(int signal) = 0;
  virtual Status signal_main(int signal) = 0;  // to the main process only
  // SIGTERM to all, SIGKILL to what is left after `grace`; waits (in a fiber) until nothing is
  // left.
  virtual void await_stop(Duration grace) = 0;
  // True from the moment the main process begins to end (its sockets close after that) until
  // exit_state() knows how.
  virtual bool ending() = 0;
  // Waits (in a fiber) until the main process has ended, at most `limit`; false: it still runs.
  virtual bool await_exit(Duration limit) = 0;
  // True once some process of the service listens on the TCP port.
  virtual bool listens_on(uint16_t port) = 0;
  // True while a connection to that port waits in the accept queue.
  virtual bool has_unaccepted(uint16_t port) = 0;
  // Tells the listener at once of everything that has been printed by now.
  virtual void catch_up() = 0;

  // For people; empty where it cannot be told.
  // Where its processes listen: "127.0.0.1:7001".
  virtual std::vector<std::string> listening_addresses() = 0;
  // What its threads wait in: "accept4 socket:[4711]", "futex (3 threads)".
  virtual std::vector<std::string> blocked_in() = 0;
};

class Launcher {
 public:
  virtual ~Launcher() = default;
  // Starts the main process; returns when exec has succeeded or failed (Code::kNotFound,
  // kPermission, … with a message that names the binary and the reason).
  virtual Result<std::unique_ptr<Process>> launch(const LaunchSpec& spec,
                                                  ProcessListener& listener) = 0;
};

}  // namespace fb
