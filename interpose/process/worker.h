// A process that runs executions for another: faultbox itself, forked, in a session of its own (so
// that Ctrl-C at the terminal reaches only the parent), talking through a socket in whole messages.
// It dies with its parent, and is killed when its Worker is destroyed.
//
//   parent: Worker  ── request ──>  worker: WorkerChannel (in `main`)
//                   <── replies ──
#pragma once
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/runtime/launcher.h"
#include "interpose/sys/fd.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fb {

// Both ends: messages of any bytes, at most kMaxMessage long.
class WorkerChannel {
 public:
  static constexpr size_t kMaxMessage = size_t{1} << 30;
  explicit WorkerChannel(Fd socket) : socket_(std::move(socket)) {}

  // Blocks while the other end does not read.
  Status send(std::string_view message);
  // Blocks until a whole message is there. kGone: the other end closed or died.
  Result<std::string> receive();
  int fd() const { return socket_.get(); }

 private:
  Fd socket_;
};

class Worker {
 public:
  // Forks. In the child `main` runs and its result becomes the exit code; it returns when receive()
  // says kGone. Call it before there are loops or fibers.
  static Result<std::unique_ptr<Worker>> start(const std::function<int(WorkerChannel&)>& main);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  int pid() const { return pid_; }
  Status send(std::string_view message);
  // The next message, or how the worker ended (kGone): "worker ended by signal 9 (SIGKILL)".
  Result<std::string> receive();
  // Set once receive() or send() has found it dead.
  const std::optional<ExitState>& end() const { return end_; }

 private:
  Worker(int pid, Fd pidfd, Fd socket);
  Error ended();

  int pid_;
  Fd pidfd_;
  WorkerChannel channel_;
  std::optional<ExitState> end_;

  friend Result<std::optional<size_t>> await_any_worker(std::span<Worker* const> workers,
                                                        std::optional<Duration> limit, int also);
};

// Waits until one of the workers has something to receive (its end included) and returns which, the
// lowest position first. Empty: nothing within `limit`, or `also` (a descriptor, if not -1) became
// readable.
Result<std::optional<size_t>> await_any_worker(std::span<Worker* const> workers,
                                               std::optional<Duration> limit = {}, int also = -1);

}  // namespace fb
