// Between the kernel and the Scheduler: receives the notifications of every supervised service,
// turns each into an Operation, submits it, and carries the Decision out. Each notification is
// answered exactly once; a caller that dies, or is killed, between receive and answer ends that one
// call and nothing else. A held call is a map entry here, never a sleeping thread.
//
//   listener readable → receive → decode → still valid? → submit … decided → answer
//
// Where order is controlled, a CallModel says which calls are nobody else's business (answered at
// once), which wait inside their process only (released by settle_internal()), and which park at
// the Scheduler, and it probes those.
//
// A denied close does what close does to everybody else: the file behind the descriptor is released
// (pipe ends, sockets, locks). The number itself stays taken by a dead descriptor, on which
// reads and writes fail with EBADF, until the process closes it again or ends: nobody can take a
// number out of another process's table.
#pragma once
#include "core/model/syscall_table.h"
#include "core/sched/scheduler.h"
#include "interpose/decode/decode.h"
#include "interpose/follow/follower.h"
#include "interpose/footprint/call_model.h"
#include "interpose/partition/socket_cut.h"
#include "interpose/routing/connect_router.h"
#include "interpose/seccomp/listener.h"
#include "interpose/seccomp/supervision.h"
#include "interpose/seccomp/threads.h"
#include "interpose/sys/epoll_loop.h"

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace fb {

struct SupervisedCall;
struct SupervisedService;

class Supervisor final : public OperationOwner {
 public:
  // `model` may be null when no service is controlled.
  Supervisor(EpollLoop& loop, Scheduler& scheduler, Clock& clock, CallModel* model);
  ~Supervisor() override;
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // Partitions take effect through it. Without: none is ever open.
  void set_socket_cut(SocketCut* cut) { cut_ = cut; }
  // Without: no service may be routed.
  void set_router(ConnectRouter* router) { router_ = router; }

  // Needed where services are followed.
  void set_follower(Follower* follower) { follower_ = follower; }

  // `main_pid`: the process that is about to exec, as this process sees it.
  void adopt(const Supervision& supervision, int main_pid, Fd listener);

  // Between fork and exec a service is no controlled process yet, and nothing but real time brings
  // it further.
  void launch_begins() { ++launches_; }
  void launch_ends() { --launches_; }
  bool launching() const;

  void decided(OperationId id, const Decision& decision) override;
  bool probe(OperationId id, Operation& operation) override;
  bool about_to_go(OperationId id, Operation& operation) override;
  std::string value_of(OperationId id) override;

  // --- controlled order
  // Takes in every notification there is. Returns how many.
  size_t drain();
  // Forgets parked calls whose callers are gone. Returns how many.
  size_t sweep();
  // Lets one call go that waits inside its process and need wait no longer. False: there is none.
  bool settle_internal();
  // A notification of this thread waits for its answer.
  bool is_parked(int tid) const { return parked_tids_.contains(tid); }
  // What the thread is called in reports ("ledger:0.2"); empty: not known.
  std::optional<ActorId> actor_of(int tid) const;
  // Processes of controlled services, ended ones included, children that have made no call yet too:
  // tgids, ascending.
  std::vector<int> live_processes() const;
  // Grows with every call let go that may add a thread or a process.
  uint64_t births() const { return births_; }
  std::vector<int> listener_fds() const;

  uint64_t notifications() const { return notifications_; }
  // Nobody is supervised any more.
  bool idle() const { return services_.empty(); }

 private:
  using Service = SupervisedService;
  using Call = SupervisedCall;
  using Calls = std::map<OperationId, std::unique_ptr<Call>>;

  static bool makes_process(const Call& call);
  void on_readable(Service& service);
  void handle(Service& service, const Notification& notification);
  void submit(std::unique_ptr<Call> call, Operation operation, bool recorded);
  void carry_out(Call& call, const Decision& decision);
  bool is_partitioned(const Service& service) const;
  void let_pass(Call& call, bool dropped = false);
  bool accept_for(Call& call);
  void give_connection(Call& call, const TakenConnection& taken);
  void wait_for_others(OperationId id, Call& call);
  void check_signals();
  bool route(Call& call);
  bool tell_peer(Call& call);
  void answer_close(Call& call, int error_number);
  void watch_life(OperationId id, Call& call);
  void arm_timeout(Call& call);
  void free_internal();
  void end(Service& service);
  void forget(Call& call);

  EpollLoop& loop_;
  Scheduler& scheduler_;
  Clock& clock_;
  CallModel* model_;
  SocketCut* cut_ = nullptr;
  Follower* follower_ = nullptr;
  std::unique_ptr<Timer> signal_check_;
  ConnectRouter* router_ = nullptr;
  ThreadTable threads_;
  DecodeMemory decode_memory_;
  std::unique_ptr<MoveWatch> moves_;  // made before the first service that keeps names
  std::list<std::unique_ptr<Service>> services_;
  Calls calls_;                                        // submitted, not yet decided
  std::map<ActorId, std::unique_ptr<Call>> internal_;  // waiting inside their process
  std::map<int, ActorId> parked_tids_;
  std::set<int> parents_;             // processes that have made processes
  std::unique_ptr<Call> submitting_;  // inside Scheduler::submit
  int dead_fd_ = -1;                  // what a denied close leaves behind
  uint64_t notifications_ = 0;
  uint64_t births_ = 0;
  int launches_ = 0;
};

}  // namespace fb
