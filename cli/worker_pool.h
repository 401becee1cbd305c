// The worker processes of this invocation: each runs one execution at a time in namespaces of its
// own. A worker that dies is replaced; what it was doing is answered with an error. An interrupt
// (SIGINT, SIGTERM) ends all of them at once.
#pragma once
#include "cli/execution_message.h"
#include "core/base/result.h"
#include "interpose/process/worker.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace fb::cli {

class WorkerPool {
 public:
  // What a worker does: called in the worker process, once; the function it returns answers
  // requests there.
  using Serve = std::function<std::string(std::string_view request)>;
  WorkerPool(int size, std::function<Serve()> make_serve);

  int size() const { return static_cast<int>(slots_.size()); }
  bool anything_under_way() const { return !running_.empty(); }
  // An idle worker must exist: at most size() requests are under way at once.
  void start(uint64_t ticket, const ExecutionRequest& request);

  struct Finished {
    uint64_t ticket = 0;
    Result<ExecutionReply> reply;  // Code::kCancelled: interrupted; kGone: the worker died
  };
  // Something must be under way.
  Finished await_any();

  // The signal that interrupted us, or 0.
  int interrupted() const { return interrupted_; }

 private:
  std::function<Serve()> make_serve_;
  std::vector<std::unique_ptr<Worker>> slots_;
  std::map<size_t, uint64_t> running_;  // slot → ticket
  int interrupted_ = 0;
};

}  // namespace fb::cli
