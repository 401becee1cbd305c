#include "interpose/seccomp/supervisor.h"

#include "core/base/check.h"
#include "interpose/footprint/descriptor.h"
#include "interpose/partition/dropped_datagram.h"
#include "interpose/seccomp/filter.h"
#include "interpose/seccomp/handover.h"
#include "interpose/seccomp/kernel.h"
#include "interpose/seccomp/known_calls.h"
#include "interpose/seccomp/supervised_call.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace fb {
namespace {

// Where the kernel has no descriptor for a thread's end (Linux < 6.9) held calls are looked at
// this often.
constexpr Duration kLifeCheck = std::chrono::milliseconds(50);

// Calls that wait here for others are interrupted by signals with handlers within this time: no
// descriptor tells that a thread has a signal pending.
constexpr Duration kSignalCheck = std::chrono::milliseconds(10);
// A call that is under way is over after a few microseconds; a lock may be held for longer.
constexpr Duration kClashPause = std::chrono::microseconds(100);
constexpr Duration kLockPause = std::chrono::milliseconds(1);

// A signal that has a handler, or stops, waits for the thread to come back.
bool has_signal_pending(const Target& target) {
  const auto status = target.text("status");
  if (!status) return false;
  const auto mask = [&](std::string_view key) -> uint64_t {
    const size_t at = status->find(key);
    return at == std::string::npos ? 0
                                   : std::strtoull(status->c_str() + at + key.size(), nullptr, 16);
  };
  return ((mask("\nSigPnd:") | mask("\nShdPnd:")) & ~mask("\nSigBlk:")) != 0;
}

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace

// Whether the call is one that makes a process (not a thread).
bool Supervisor::makes_process(const Call& call) {
  const std::string_view name = row_of(call.arguments.call).name;
  if (name == "fork" || name == "vfork") return true;
  if (name == "clone") return (call.arguments.values[0] & CLONE_THREAD) == 0;
  if (name != "clone3") return false;
  const auto args = call.thread->target.read_value<clone_args>(call.arguments.values[0]);
  return args && (args->flags & CLONE_THREAD) == 0;
}

Supervisor::Supervisor(EpollLoop& loop, Scheduler& scheduler, Clock& clock, CallModel* model)
    : loop_(loop), scheduler_(scheduler), clock_(clock), model_(model) {
  // Access mode 3 may neither be read nor written. (O_PATH says EBADF more often, but the kernel
  // does not hand such files over.)
  dead_fd_ = open("/dev/null", O_ACCMODE | O_CLOEXEC);
}

Supervisor::~Supervisor() {
  for (auto& [id, call] : calls_) scheduler_.withdraw(id);
  if (dead_fd_ >= 0) close(dead_fd_);
}

void Supervisor::adopt(const Supervision& supervision, int main_pid, Fd listener) {
  FB_CHECK(!supervision.controlled || model_ != nullptr);
  Service& service =
      *services_.emplace_back(std::make_unique<Service>(supervision, std::move(listener)));
  service.main_pid = main_pid;
  if (supervision.keep_names) {
    if (moves_ == nullptr) moves_ = MoveWatch::create(loop_);
    if (moves_ != nullptr) service.names.emplace(*moves_);
  }
  if (cut_ != nullptr) cut_->started(supervision.service, main_pid);
  service.watch = loop_.watch(service.listener.fd(), {.readable = true},
                              [this, &service](Ready) { on_readable(service); });
}

void Supervisor::on_readable(Service& service) {
  Notification notification;
  // Nobody else receives from a service in free order, so what was reported is still there.
  Listener::Received what = service.supervision.controlled
                                ? service.listener.receive(notification)
                                : service.listener.receive_ready(notification);
  // One call a time: the loop comes back for the next as long as there is one.
  if (what == Listener::Received::kCall) handle(service, notification);
  if (what == Listener::Received::kEnded) end(service);
}

size_t Supervisor::drain() {
  // All are asked at once: most have nothing to say most of the time.
  std::vector<pollfd> polled;
  for (const auto& service : services_) polled.push_back({service->listener.fd(), POLLIN, 0});
  if (poll(polled.data(), polled.size(), 0) <= 0) return 0;
  size_t received = 0, i = 0;
  for (auto it = services_.begin(); it != services_.end();) {
    Service& service = **it++;  // end() takes it off the list
    const short ready = polled[i++].revents;
    if (ready == 0) continue;
    Notification notification;
    Listener::Received what = (ready & POLLIN) != 0 ? service.listener.receive_ready(notification)
                                                    : Listener::Received::kEnded;
    for (; what == Listener::Received::kCall; what = service.listener.receive(notification)) {
      handle(service, notification);
      ++received;
    }
    if (what == Listener::Received::kEnded) end(service);
  }
  return received;
}

// No thread is under the filter any more: what still waits will never be answered.
void Supervisor::end(Service& service) {
  std::vector<OperationId> gone;
  for (const auto& [id, call] : calls_)
    if (call->service == &service) gone.push_back(id);
  for (OperationId id : gone) {
    scheduler_.withdraw(id);
    forget(*calls_.at(id));
    calls_.erase(id);
  }
  for (auto it = internal_.begin(); it != internal_.end();) {
    if (it->second->service == &service) {
      forget(*it->second);
      it = internal_.erase(it);
    } else {
      ++it;
    }
  }
  services_.remove_if([&](const auto& entry) { return entry.get() == &service; });
}

void Supervisor::forget(Call& call) {
  parked_tids_.erase(call.thread->target.tid());
  if (call.modelled) model_->dropped(call.model_view());
}

void Supervisor::handle(Service& service, const Notification& notification) {
  ++notifications_;
  if (!internal_.empty() && !scheduler_.controlled()) free_internal();
  const auto id = syscall_of_number(notification.number);
  if (!id) {
    service.listener.let_pass(notification.id);
    return;
  }
  const Supervision& supervision = service.supervision;
  if (service.names) {
    // Not by the table of threads: it numbers those whose calls are recorded.
    const auto caller = known().execs(*id) ? Target::open(notification.tid) : std::nullopt;
    service.names->arrived({notification.tid, caller && caller->tgid() == notification.tid}, *id,
                           notification.args);
  }
  const bool recorded = supervision.recorded.contains(*id);
  const bool modelled = supervision.controlled && scheduler_.controlled();
  const bool partitioned = is_partitioned(service) && known().about_peers.contains(*id);
  const bool followed = supervision.followed && follower_ != nullptr && !scheduler_.controlled();
  if (followed) follower_->came_back(notification.tid);
  if (supervision.deny_io_uring && *id == known().io_uring) {
    Operation refused;
    refused.service = supervision.service;
    refused.call = *id;
    if (const auto caller = threads_.find(supervision.service, notification.tid))
      refused.pid = caller->target.tgid();
    if (service.listener.fail(notification.id, ENOSYS))
      scheduler_.refused(refused, ENOSYS, "io_uring disabled");
    return;
  }
  const bool routed = supervision.routed && (*id == known().connect || *id == known().peer_name);
  if (!recorded && !modelled && !partitioned && !routed &&
      !(followed && Follower::calls().contains(*id))) {
    service.listener.let_pass(notification.id);
    if (known().births.contains(*id)) ++births_;
    return;
  }

  auto thread = threads_.find(supervision.service, notification.tid);
  auto call = std::make_unique<Call>();
  call->service = &service;
  call->notification = notification.id;
  call->arguments = {*id, notification.args};
  call->modelled = modelled;
  call->followed = followed && Follower::calls().contains(*id);
  Operation operation;
  if (thread != nullptr) {
    operation.kind = OperationKind::kSyscall;
    operation.service = supervision.service;
    operation.actor = thread->actor;
    operation.call = *id;
    operation.pid = thread->target.tgid();
    operation.tid = notification.tid;
    DecodeWish wish = supervision.decode;
    wish.transport = is_partitioned(service);
    wish.kept = service.names ? &*service.names : nullptr;
    decode(thread->target, call->arguments, wish, decode_memory_, operation);
  }
  // What was read is the caller's only if the caller still waits for this answer. (A model may have
  // read more than decode() did.)
  const bool doubtful = thread == nullptr || modelled || partitioned || reads_memory(*id) ||
                        !seccomp_features().wait_killable;
  if (doubtful && !service.listener.valid(notification.id)) return;
  if (thread == nullptr) {
    // Alive, and yet /proc does not tell of it: no rule can be applied, but it must not wait for
    // ever.
    service.listener.let_pass(notification.id);
    return;
  }
  call->thread = std::move(thread);
  call->peer = operation.peer;

  if (modelled) {
    if (makes_process(*call)) parents_.insert(call->thread->target.tgid());
    CallModel::Handling handling = model_->classify(call->model_view(), operation);
    // The launch itself is no step of the service.
    if (!service.launched && known().execs(*id)) handling = CallModel::Handling::kLocal;
    call->handling = handling;
    if (handling == CallModel::Handling::kInternal) {
      call->operation.emplace();
      arm_timeout(*call);
      const ActorId actor = call->thread->actor;
      parked_tids_.emplace(notification.tid, actor);
      internal_.insert_or_assign(actor, std::move(call));
      return;
    }
    if (handling == CallModel::Handling::kLocal && !recorded) {
      if (known().execs(*id)) service.launched = true;
      carry_out(*call, model_->let_go(call->model_view(), handling, operation));
      return;
    }
    arm_timeout(*call);
    parked_tids_.emplace(notification.tid, call->thread->actor);
  }
  submit(std::move(call), std::move(operation), recorded);
}

void Supervisor::submit(std::unique_ptr<Call> call, Operation operation, bool recorded) {
  if (call->modelled) call->operation = operation;
  submitting_ = std::move(call);
  const OperationId id = scheduler_.submit(std::move(operation), *this, recorded);
  if (submitting_ == nullptr) return;  // decided inside submit()
  Call& kept = *calls_.emplace(id, std::move(submitting_)).first->second;
  if (!kept.modelled) watch_life(id, kept);
}

void Supervisor::decided(OperationId id, const Decision& decision) {
  std::unique_ptr<Call> call;
  if (auto node = calls_.extract(id); !node.empty())
    call = std::move(node.mapped());
  else
    call = std::move(submitting_);
  FB_CHECK(call != nullptr);
  parked_tids_.erase(call->thread->target.tid());
  if (!scheduler_.controlled()) free_internal();
  if (!call->modelled) return carry_out(*call, decision);
  if (std::holds_alternative<Allow>(decision)) {
    // Rules may have let it go while the world has changed since the last probe.
    return carry_out(*call, model_->let_go(call->model_view(), call->handling, *call->operation));
  }
  model_->dropped(call->model_view());
  carry_out(*call, decision);
}

void Supervisor::carry_out(Call& call, const Decision& decision) {
  Listener& listener = call.service->listener;
  const uint64_t id = call.notification;
  std::visit(Overloaded{
                 [&](const Allow&) {
                   if (call.look && call.look->taken)
                     give_connection(call, *call.look->taken);
                   else
                     let_pass(call);
                   if (call.look) follower_->goes(*call.look, loop_.now());
                 },
                 [&](const Deny& deny) {
                   if (call.arguments.call == known().close)
                     answer_close(call, deny.error_number);
                   else
                     listener.fail(id, deny.error_number);
                 },
                 [&](const Return& given) {
                   // Unwritable result memory is what the kernel calls EFAULT.
                   bool written = listener.valid(id);
                   for (const Return::Write& write : given.writes)
                     written =
                         written && call.thread->target.write_memory(write.address, write.bytes);
                   if (!written)
                     listener.fail(id, EFAULT);
                   else if (given.value < 0)
                     listener.fail(id, static_cast<int>(-given.value));
                   else
                     listener.give_value(id, given.value);
                 },
                 // Messages only: no syscall is answered so.
                 [&](const Respond&) { FB_CHECK(false); },
                 [&](const Drop&) {
                   // A connect is made, but not answered; datagrams are answered, but not sent.
                   if (row_of(call.arguments.call).name == "connect")
                     let_pass(call, true);
                   else
                     carry_out(call, answer_to_dropped(call.thread->target, call.arguments));
                 },
                 [&](const Duplicate&) { FB_CHECK(false); },
             },
             decision);
}

bool Supervisor::is_partitioned(const Service& service) const {
  return cut_ != nullptr && scheduler_.partitions().concerns(service.supervision.service);
}

// Sockets that come under a partition by this call are treated before it is made.
void Supervisor::let_pass(Call& call, bool dropped) {
  const SyscallId name = call.arguments.call;
  if (known().births.contains(name)) ++births_;
  if (call.service->supervision.routed) {
    if (name == known().connect && !dropped && route(call)) return;
    if (name == known().peer_name && tell_peer(call)) return;
  }
  const Target& target = call.thread->target;
  if (cut_ != nullptr && name == known().connect && call.peer) {
    const SocketCut::Connect connect{.service = call.service->supervision.service,
                                     .target = target,
                                     .fd = call.arguments.fd(0),
                                     .peer = *call.peer,
                                     .dropped = dropped};
    if (is_partitioned(*call.service)) cut_->before_connect(scheduler_.partitions(), connect);
    cut_->passes(connect);
  } else if (name == known().bind && is_partitioned(*call.service)) {
    cut_->before_bind(scheduler_.partitions(), target, call.arguments.fd(0));
  } else if (known().accepts.contains(name) && accept_for(call)) {
    return;
  }
  call.service->listener.let_pass(call.notification);
}

// True: it is answered.
bool Supervisor::route(Call& call) {
  Listener& listener = call.service->listener;
  if (!call.peer || !listener.valid(call.notification)) return false;
  const auto result = router_->connect(call.service->supervision.service, call.thread->target,
                                       call.arguments.fd(0), *call.peer);
  if (!result) return false;
  if (*result == 0)
    listener.give_value(call.notification, 0);
  else
    listener.fail(call.notification, *result);
  return true;
}

// True: it is answered.
bool Supervisor::tell_peer(Call& call) {
  Listener& listener = call.service->listener;
  const Target& target = call.thread->target;
  const auto peer = router_->asked_for(target, call.arguments.fd(0));
  if (!peer) return false;
  const auto room = target.read_value<int>(call.arguments.values[2]);
  const Result<SocketAddress> raw = socket_address(*peer);
  // Arguments the kernel would refuse are left to it.
  if (!room || *room < 0 || !raw.ok() || !listener.valid(call.notification)) return false;
  const auto shown = std::min<size_t>(raw->size, static_cast<size_t>(*room));
  const bool written =
      target.write_memory(call.arguments.values[1],
                          std::as_bytes(std::span(&raw->storage, 1)).first(shown)) &&
      target.write_memory(call.arguments.values[2], std::as_bytes(std::span(&raw->size, 1)));
  if (written)
    listener.give_value(call.notification, 0);
  else
    listener.fail(call.notification, EFAULT);
  return true;
}

// True: it is answered.
bool Supervisor::accept_for(Call& call) {
  Listener& listener = call.service->listener;
  if (!is_partitioned(*call.service) || !listener.valid(call.notification)) return false;
  const auto taken = cut_->take_unaccepted(call.thread->target, call.arguments);
  if (!taken) return false;
  give_connection(call, *taken);
  return true;
}

void Supervisor::give_connection(Call& call, const TakenConnection& taken) {
  Listener& listener = call.service->listener;
  if (is_partitioned(*call.service))
    cut_->before_accepted(scheduler_.partitions(), call.service->supervision.service, taken);
  for (const Return::Write& write : taken.writes)
    call.thread->target.write_memory(write.address, write.bytes);
  // The caller may have no number free, or be gone: the connection goes with our descriptor.
  if (!listener.give_fd(call.notification, taken.fd.get(), taken.close_on_exec))
    listener.fail(call.notification, EMFILE);
}

bool Supervisor::about_to_go(OperationId id, Operation& operation) {
  auto found = calls_.find(id);
  Call& call = found != calls_.end() ? *found->second : *submitting_;
  if (!call.followed) return true;
  call.retry.reset();
  call.ready_watch.reset();
  call.look = follower_->look(call.model_view(), call.thread, operation, loop_.now());
  if (call.look->state == Follower::State::kReady) return true;
  wait_for_others(id, call);
  return false;
}

void Supervisor::wait_for_others(OperationId id, Call& call) {
  const auto again = [this, id] { scheduler_.retry(id); };
  call.waits_for = std::move(call.look->waits_for);
  if (call.look->state == Follower::State::kClashes)
    call.retry = loop_.after(kClashPause, again);
  else if (call.waits_for)
    call.ready_watch =
        loop_.watch(call.waits_for.get(), {.readable = true}, [again](Ready) { again(); });
  else
    call.retry = loop_.after(kLockPause, again);
  call.look.reset();
  if (!signal_check_) signal_check_ = loop_.after(kSignalCheck, [this] { check_signals(); });
}

void Supervisor::check_signals() {
  signal_check_.reset();
  std::vector<OperationId> interrupted;
  bool waiting = false;
  for (const auto& [id, call] : calls_) {
    if (!call->retry && !call->ready_watch) continue;
    waiting = true;
    if (has_signal_pending(call->thread->target)) interrupted.push_back(id);
  }
  // The kernel makes the call, finds the signal, and does with both what it always does.
  for (const OperationId id : interrupted) scheduler_.retry(id, true);
  if (waiting && !signal_check_)
    signal_check_ = loop_.after(kSignalCheck, [this] { check_signals(); });
}

void Supervisor::answer_close(Call& call, int error_number) {
  Listener& listener = call.service->listener;
  const int fd = call.arguments.fd(0);
  // Of a number that is not open the kernel itself shall complain.
  if (!call.thread->target.fd_link(fd)) {
    listener.let_pass(call.notification);
    return;
  }
  listener.replace_fd(call.notification, dead_fd_, fd);
  listener.fail(call.notification, error_number);
}

bool Supervisor::probe(OperationId id, Operation& operation) {
  auto found = calls_.find(id);
  FB_CHECK(found != calls_.end());
  Call& call = *found->second;
  if (!call.modelled) return true;
  const bool enabled = model_->probe(call.model_view(), operation);
  call.operation = operation;
  return enabled;
}

std::string Supervisor::value_of(OperationId id) {
  auto found = calls_.find(id);
  if (found == calls_.end() || !found->second->modelled) return {};
  if (!found->second->operation) return {};
  return model_->value(found->second->model_view(), *found->second->operation);
}

void Supervisor::arm_timeout(Call& call) {
  const auto limit = model_->timeout(call.model_view());
  if (!limit) return;
  if (*limit <= Duration::zero()) {
    call.timed_out = true;
    return;
  }
  call.timeout = clock_.after(*limit, [this, &call] {
    call.timed_out = true;
    call.timed_out_after = model_->operations();
  });
}

bool Supervisor::settle_internal() {
  for (auto it = internal_.begin(); it != internal_.end(); ++it) {
    Call& call = *it->second;
    if (!model_->may_go(call.model_view())) continue;
    std::unique_ptr<Call> going = std::move(it->second);
    internal_.erase(it);
    parked_tids_.erase(going->thread->target.tid());
    carry_out(*going, model_->let_go(going->model_view(), going->handling, *going->operation));
    return true;
  }
  return false;
}

// Nobody steers any more: threads that wait for their own process do so in the kernel again.
void Supervisor::free_internal() {
  while (!internal_.empty()) {
    auto node = internal_.extract(internal_.begin());
    Call& call = *node.mapped();
    parked_tids_.erase(call.thread->target.tid());
    call.service->listener.let_pass(call.notification);
  }
}

size_t Supervisor::sweep() {
  size_t gone = 0;
  for (auto it = calls_.begin(); it != calls_.end();) {
    if (it->second->service->listener.valid(it->second->notification)) {
      ++it;
      continue;
    }
    scheduler_.withdraw(it->first);
    forget(*it->second);
    it = calls_.erase(it);
    ++gone;
  }
  for (auto it = internal_.begin(); it != internal_.end();) {
    if (it->second->service->listener.valid(it->second->notification)) {
      ++it;
      continue;
    }
    forget(*it->second);
    it = internal_.erase(it);
    ++gone;
  }
  return gone;
}

void Supervisor::watch_life(OperationId id, Call& call) {
  auto check = [this, id] {
    auto found = calls_.find(id);
    if (found == calls_.end() ||
        found->second->service->listener.valid(found->second->notification))
      return false;
    scheduler_.withdraw(id);
    forget(*found->second);
    calls_.erase(found);
    return true;
  };
  call.life =
      Fd(static_cast<int>(syscall(SYS_pidfd_open, call.thread->target.tid(), PIDFD_THREAD)));
  if (call.life) {
    call.life_watch = loop_.watch(call.life.get(), {.readable = true}, [check](Ready) { check(); });
    return;
  }
  // The loop keeps the timer; it arms the next one itself.
  call.life_check = loop_.after(kLifeCheck, [this, id, check] {
    if (check()) return;
    if (auto found = calls_.find(id); found != calls_.end()) watch_life(id, *found->second);
  });
}

bool Supervisor::launching() const {
  return launches_ > 0 || std::any_of(services_.begin(), services_.end(), [](const auto& service) {
           return service->supervision.controlled && !service->launched;
         });
}

std::optional<ActorId> Supervisor::actor_of(int tid) const {
  return threads_.actor(tid);
}

std::vector<int> Supervisor::live_processes() const {
  std::set<int> tgids;
  for (const auto& service : services_) {
    if (!service->supervision.controlled) continue;
    tgids.insert(service->main_pid);
    const auto more = threads_.processes(service->supervision.service);
    tgids.insert(more.begin(), more.end());
  }
  for (const int parent : parents_)
    for (const int child : child_pids(parent)) tgids.insert(child);
  return {tgids.begin(), tgids.end()};
}

std::vector<int> Supervisor::listener_fds() const {
  std::vector<int> fds;
  for (const auto& service : services_) fds.push_back(service->listener.fd());
  return fds;
}

}  // namespace fb
