#include "interpose/seccomp/supervisor.h"

#include "core/base/check.h"
#include "interpose/footprint/descriptor.h"
#include "interpose/partition/dropped_datagram.h"
#include "interpose/seccomp/filter.h"
#include "interpose/seccomp/kernel.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <linux/sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace fb {
namespace {

// Where the kernel has no descriptor for a thread's end (Linux < 6.9) held calls are looked at
// this often.
constexpr Duration kLifeCheck = std::chrono::milliseconds(50);

SyscallId call_named(std::string_view name) {
  const auto id = find_syscall(name);
  FB_CHECK(id.has_value());
  return *id;
}

// What partitions must see of a service, recorded or not.
bool is_about_peers(SyscallId id) {
  const SyscallRow& row = row_of(id);
  return row.family == "sendto" || row.family == "accept" || row.name == "connect" ||
         row.name == "bind";
}

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace

struct Supervisor::Service {
  Service(const Supervision& s, Fd fd) : supervision(s), listener(std::move(fd)) {}
  Supervision supervision;
  Listener listener;
  std::unique_ptr<EpollLoop::Watch> watch;
  int main_pid = 0;
  bool launched = false;  // the exec of the launch has been seen
};

// A call between its notification and its answer.
struct Supervisor::Call {
  Service* service = nullptr;
  uint64_t notification = 0;
  std::shared_ptr<SupervisedThread> thread;
  CallArguments arguments;
  bool modelled = false;  // the CallModel has its say
  CallModel::Handling handling = CallModel::Handling::kVisible;
  bool timed_out = false;
  std::optional<Address> peer;
  uint64_t timed_out_after = 0;
  Operation operation;  // as last probed; modelled calls only
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
  size_t received = 0;
  for (auto it = services_.begin(); it != services_.end();) {
    Service& service = **it++;  // end() takes it off the list
    Notification notification;
    Listener::Received what;
    while ((what = service.listener.receive(notification)) == Listener::Received::kCall) {
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
  const bool recorded = supervision.recorded.contains(*id);
  const bool modelled = supervision.controlled && scheduler_.controlled();
  static const SyscallId kIoUring = call_named("io_uring_setup");
  const bool partitioned = is_partitioned(service) && is_about_peers(*id);
  static const SyscallId kConnect = call_named("connect"), kPeerName = call_named("getpeername");
  const bool routed = supervision.routed && (*id == kConnect || *id == kPeerName);
  if (!recorded && !modelled && !partitioned && !routed) {
    if (supervision.deny_io_uring && *id == kIoUring)
      service.listener.fail(notification.id, ENOSYS);
    else
      service.listener.let_pass(notification.id);
    return;
  }

  auto thread = threads_.find(supervision.service, notification.tid);
  auto call = std::make_unique<Call>();
  call->service = &service;
  call->notification = notification.id;
  call->arguments = {*id, notification.args};
  call->modelled = modelled;
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
    decode(thread->target, call->arguments, wish, peers_, operation);
  }
  // What was read is the caller's only if the caller still waits for this answer.
  if (!service.listener.valid(notification.id)) return;
  if (thread == nullptr) {
    // Alive, and yet /proc does not tell of it: no rule can be applied, but it must not wait for
    // ever.
    service.listener.let_pass(notification.id);
    return;
  }
  call->thread = std::move(thread);
  call->peer = operation.peer;

  static const SyscallId kExec = call_named("execve"), kExecAt = call_named("execveat");
  if (modelled) {
    if (makes_process(*call)) parents_.insert(call->thread->target.tgid());
    CallModel::Handling handling = model_->classify(call->model_view(), operation);
    // The launch itself is no step of the service.
    if (!service.launched && (*id == kExec || *id == kExecAt))
      handling = CallModel::Handling::kLocal;
    call->handling = handling;
    if (handling == CallModel::Handling::kInternal) {
      arm_timeout(*call);
      const ActorId actor = call->thread->actor;
      parked_tids_.emplace(notification.tid, actor);
      internal_.insert_or_assign(actor, std::move(call));
      return;
    }
    if (handling == CallModel::Handling::kLocal && !recorded) {
      if (*id == kExec || *id == kExecAt) service.launched = true;
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
    return carry_out(*call, model_->let_go(call->model_view(), call->handling, call->operation));
  }
  model_->dropped(call->model_view());
  carry_out(*call, decision);
}

void Supervisor::carry_out(Call& call, const Decision& decision) {
  static const SyscallId kIoUring = call_named("io_uring_setup");
  static const SyscallId kClose = call_named("close");
  Listener& listener = call.service->listener;
  const uint64_t id = call.notification;
  std::visit(Overloaded{
                 [&](const Allow&) {
                   if (call.service->supervision.deny_io_uring && call.arguments.call == kIoUring)
                     listener.fail(id, ENOSYS);
                   else
                     let_pass(call);
                 },
                 [&](const Deny& deny) {
                   if (call.arguments.call == kClose)
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
  const std::string_view name = row_of(call.arguments.call).name;
  if (call.service->supervision.routed) {
    if (name == "connect" && !dropped && route(call)) return;
    if (name == "getpeername" && tell_peer(call)) return;
  }
  const Target& target = call.thread->target;
  if (cut_ != nullptr && name == "connect" && call.peer) {
    const SocketCut::Connect connect{.service = call.service->supervision.service,
                                     .target = target,
                                     .fd = call.arguments.fd(0),
                                     .peer = *call.peer,
                                     .dropped = dropped};
    if (is_partitioned(*call.service)) cut_->before_connect(scheduler_.partitions(), connect);
    cut_->passes(connect);
  } else if (name == "bind" && is_partitioned(*call.service)) {
    cut_->before_bind(scheduler_.partitions(), target, call.arguments.fd(0));
  } else if (row_of(call.arguments.call).family == "accept" && accept_for(call)) {
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
  const auto taken =
      cut_->take_unaccepted(scheduler_.partitions(), call.service->supervision.service,
                            call.thread->target, call.arguments);
  if (!taken) return false;
  for (const Return::Write& write : taken->writes)
    call.thread->target.write_memory(write.address, write.bytes);
  // The caller may have no number free, or be gone: the connection goes with our descriptor.
  if (!listener.give_fd(call.notification, taken->fd.get(), taken->close_on_exec))
    listener.fail(call.notification, EMFILE);
  return true;
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
    carry_out(*going, model_->let_go(going->model_view(), going->handling, going->operation));
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
