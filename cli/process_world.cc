#include "cli/process_world.h"

#include "core/run/test_result_wire.h"

namespace fb::cli {

void ProcessWorld::start(uint64_t ticket, const Plan& plan) {
  ExecutionRequest request = request_;
  request.seed = plan.seed;
  request.plan = plan;
  pool_.start(ticket, request);
}

World::Finished ProcessWorld::await_any() {
  WorkerPool::Finished finished = pool_.await_any();
  if (!finished.reply.ok()) {
    ExecutionRecord broken;
    broken.end = EndState::kBroken;
    broken.failed = true;
    broken.message = finished.reply.error().message;
    return {finished.ticket, std::move(broken)};
  }
  isolation_mode_ = finished.reply->isolation_mode;
  isolation_why_ = finished.reply->isolation_why;
  ExecutionRecord record = std::move(finished.reply->record);
  record.result = encode_test_result(finished.reply->result);
  return {finished.ticket, std::move(record)};
}

}  // namespace fb::cli
