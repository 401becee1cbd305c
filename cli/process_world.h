// The World of real services: executions of one test, run by worker processes.
#pragma once
#include "cli/worker_pool.h"
#include "core/sched/world.h"

#include <cstdint>
#include <map>

namespace fb::cli {

class ProcessWorld final : public World {
 public:
  // `request` is what every execution has in common; its plan is replaced.
  ProcessWorld(WorkerPool& pool, ExecutionRequest request)
      : pool_(pool), request_(std::move(request)) {}

  int capacity() const override { return pool_.size(); }
  void start(uint64_t ticket, const Plan& plan) override;
  Finished await_any() override;

  // How the isolation of the last execution was.
  const std::string& isolation_mode() const { return isolation_mode_; }
  const std::string& isolation_why() const { return isolation_why_; }

 private:
  WorkerPool& pool_;
  ExecutionRequest request_;
  std::string isolation_mode_, isolation_why_;
};

}  // namespace fb::cli
