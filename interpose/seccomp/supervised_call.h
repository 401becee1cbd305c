// What the supervisor keeps of each service and of each call between its notification and its
// answer. Private to it.
#pragma once
#include "core/model/operation.h"
#include "interpose/decode/kept_names.h"
#include "interpose/follow/follower.h"
#include "interpose/footprint/call_model.h"
#include "interpose/seccomp/listener.h"
#include "interpose/seccomp/supervision.h"
#include "interpose/seccomp/threads.h"
#include "interpose/sys/epoll_loop.h"
#include "interpose/sys/fd.h"

#include <memory>
#include <optional>

namespace fb {

struct SupervisedService {
  SupervisedService(const Supervision& s, Fd fd) : supervision(s), listener(std::move(fd)) {}
  Supervision supervision;
  Listener listener;
  std::unique_ptr<EpollLoop::Watch> watch;
  int main_pid = 0;
  bool launched = false;  // the exec of the launch has been seen
  std::optional<KeptNames> names;
};

// A call between its notification and its answer.
struct SupervisedCall {
  SupervisedService* service = nullptr;
  uint64_t notification = 0;
  std::shared_ptr<SupervisedThread> thread;
  CallArguments arguments;
  bool modelled = false;  // the CallModel has its say
  CallModel::Handling handling = CallModel::Handling::kVisible;
  bool timed_out = false;
  std::optional<Address> peer;
  uint64_t timed_out_after = 0;
  std::optional<Operation> operation;  // as last probed; modelled calls only
  bool followed = false;
  std::optional<Follower::Look> look;  // followed calls that are about to go
  Fd waits_for;                        // while it waits for others
  std::unique_ptr<EpollLoop::Watch> ready_watch;
  std::unique_ptr<Timer> retry;
  std::unique_ptr<Timer> timeout;
  Fd life;  // readable when the thread has ended
  std::unique_ptr<EpollLoop::Watch> life_watch;
  std::unique_ptr<Timer> life_check;

  ModelledCall model_view() const {
    return {service->supervision.service,
            thread->actor,
            thread->target,
            arguments,
            timed_out,
            timed_out_after};
  }
};

}  // namespace fb
