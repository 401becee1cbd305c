#include "cli/worker_pool.h"

#include "core/base/check.h"

#include <fmt/format.h>

namespace fb::cli {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(100);

// The worker's side: one request after another until the parent closes the channel.
int serve(WorkerChannel& channel, const WorkerPool::MakeServe& make_serve) {
  const WorkerPool::Serve answer = make_serve();
  while (true) {
    const Result<std::string> request = channel.receive();
    if (!request.ok()) return 0;
    if (!channel.send(answer(*request)).ok()) return 1;
  }
}

}  // namespace

WorkerPool::WorkerPool(int size, MakeServe make_serve, Interrupts& interrupts)
    : make_serve_(std::move(make_serve)),
      interrupts_(interrupts),
      slots_(static_cast<size_t>(size)) {}

void WorkerPool::start(uint64_t ticket, const ExecutionRequest& request) {
  size_t slot = 0;
  while (running_.contains(slot)) ++slot;
  FB_CHECK(slot < slots_.size());
  running_.emplace(slot, ticket);
  std::optional<Error>& error = errors_[slot];
  error.reset();
  if (interrupted_ != 0) {
    error = Error{Code::kCancelled, "interrupted"};
    return;
  }
  if (slots_[slot] == nullptr) {
    Result<std::unique_ptr<Worker>> started =
        Worker::start([this](WorkerChannel& channel) { return serve(channel, make_serve_); });
    if (!started.ok()) {
      error = started.error();
      return;
    }
    slots_[slot] = std::move(started).value();
  }
  const Status sent = slots_[slot]->send(encode_request(request));
  if (!sent.ok()) error = sent.error();
}

WorkerPool::Finished WorkerPool::finish(size_t slot, Result<ExecutionReply> reply) {
  const uint64_t ticket = running_.at(slot);
  running_.erase(slot);
  ++executions_;
  // What is left of a worker that did not answer is not to be trusted.
  if (!reply.ok()) slots_[slot].reset();
  return {ticket, std::move(reply)};
}

void WorkerPool::end_all() {
  for (auto& [slot, ticket] : running_) {
    errors_[slot] = Error{Code::kCancelled, "interrupted"};
    slots_[slot].reset();
  }
}

WorkerPool::Finished WorkerPool::await_any() {
  FB_CHECK(!running_.empty());
  while (true) {
    std::vector<Worker*> waiting;
    std::vector<size_t> slots;
    for (const auto& [slot, ticket] : running_) {
      if (errors_[slot]) return finish(slot, *errors_[slot]);
      waiting.push_back(slots_[slot].get());
      slots.push_back(slot);
    }
    const std::optional<Duration> limit = tick_ ? std::optional(kTick) : std::nullopt;
    const Result<std::optional<size_t>> ready = await_any_worker(waiting, limit, interrupts_.fd());
    if (tick_) tick_();
    if (!ready.ok()) return finish(slots.front(), ready.error());
    if (!ready->has_value()) {
      interrupted_ = interrupts_.take();
      if (interrupted_ != 0) end_all();
      continue;
    }
    const size_t slot = slots[**ready];
    const Result<std::string> message = slots_[slot]->receive();
    if (!message.ok()) return finish(slot, message.error());
    return finish(slot, decode_reply(*message));
  }
}

}  // namespace fb::cli
