// The worker processes of this invocation: each runs one execution at a time in namespaces of its
// own. A worker that dies is replaced; what it was doing is answered with an error. An interrupt
// (SIGINT, SIGTERM) ends all of them at once, and everything below them with them.
#pragma once
#include "cli/execution_message.h"
#include "core/base/result.h"
#include "interpose/process/worker.h"
#include "interpose/sys/interrupts.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fb::cli {

class WorkerPool {
 public:
  // What a worker does: made once in the worker process, it then answers one request after another
  // there.
  using Serve = std::function<std::string(std::string_view request)>;
  using MakeServe = std::function<Serve()>;
  WorkerPool(int size, MakeServe make_serve, Interrupts& interrupts);

  int size() const { return static_cast<int>(slots_.size()); }
  // At most size() requests may be under way at once.
  void start(uint64_t ticket, const ExecutionRequest& request);

  struct Finished {
    uint64_t ticket = 0;
    Result<ExecutionReply> reply;  // Code::kCancelled: interrupted; Code::kGone: the worker died
  };
  // Something must be under way.
  Finished await_any();

  // Called about ten times a second while await_any() waits.
  void on_tick(std::function<void()> tick) { tick_ = std::move(tick); }
  // Executions that have ended so far.
  uint64_t executions() const { return executions_; }

  // The signal that interrupted us, or 0.
  int interrupted() const { return interrupted_; }

 private:
  Finished finish(size_t slot, Result<ExecutionReply> reply);
  void end_all();

  MakeServe make_serve_;
  Interrupts& interrupts_;
  std::vector<std::unique_ptr<Worker>> slots_;     // empty until first used
  std::map<size_t, uint64_t> running_;             // slot → ticket
  std::map<size_t, std::optional<Error>> errors_;  // slot → what is to be answered instead
  int interrupted_ = 0;
  std::function<void()> tick_;
  uint64_t executions_ = 0;
};

}  // namespace fb::cli
