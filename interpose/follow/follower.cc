#include "interpose/follow/follower.h"

#include "interpose/decode/sockaddr.h"
#include "interpose/seccomp/filter.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

namespace fb {
namespace {

using Kind = Descriptor::Kind;

constexpr size_t kMostConnecting = 1024;
constexpr size_t kLargestDatagram = 65536;

// Calls of controlled order that carry nothing from one service to another: processes and threads
// of one service share its clock, and time is no message.
constexpr std::string_view kNotFollowed[] = {
    "clock_nanosleep",
    "clone",
    "clone3",
    "epoll_pwait",
    "epoll_pwait2",
    "epoll_wait",
    "exit",
    "execve",
    "execveat",
    "fdatasync",
    "fork",
    "fsync",
    "kill",
    "lseek",
    "mq_timedreceive",
    "mq_timedsend",
    "msgrcv",
    "msgsnd",
    "nanosleep",
    "pause",
    "pidfd_send_signal",
    "pipe",
    "pipe2",
    "poll",
    "ppoll",
    "pselect6",
    "rt_sigqueueinfo",
    "rt_sigsuspend",
    "rt_sigtimedwait",
    "select",
    "semop",
    "semtimedop",
    "socketpair",
    "sync",
    "sync_file_range",
    "syncfs",
    "tgkill",
    "tkill",
    "vfork",
    "vmsplice",
    "wait4",
    "waitid",
};

bool writes_bytes(std::string_view call) {
  return call.starts_with("write") || call.starts_with("pwrite") || call.starts_with("send");
}
bool reads_bytes(std::string_view call) {
  return call.starts_with("read") || call.starts_with("pread") || call.starts_with("recv");
}
// "readlink" is about a name.
bool moves_bytes(std::string_view call) {
  return (writes_bytes(call) || reads_bytes(call)) && !call.starts_with("readlink") &&
         call != "sendfile";
}

bool is_file_lock(std::string_view call) {
  return call == "flock" || call == "fcntl";
}

int message_flags(const ModelledCall& call, std::string_view name) {
  if (name == "sendto" || name == "recvfrom" || name == "sendmmsg" || name == "recvmmsg")
    return call.arguments.fd(3);
  if (name == "sendmsg" || name == "recvmsg") return call.arguments.fd(2);
  return 0;
}

int type_of(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 ? type : 0;
}

bool is_listening(int fd) {
  int listens = 0;
  socklen_t size = sizeof listens;
  return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0;
}

// A receiving call that waits only so long must be left to the kernel.
bool has_time_limit(int fd) {
  timeval limit{};
  socklen_t size = sizeof limit;
  return getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, &size) == 0 &&
         (limit.tv_sec != 0 || limit.tv_usec != 0);
}

short events_of(int fd, short wanted) {
  pollfd entry{fd, wanted, 0};
  return poll(&entry, 1, 0) > 0 ? entry.revents : short{0};
}

// What a sending call sends, gathered.
std::vector<std::byte> payload_of(const ModelledCall& call, std::string_view name,
                                  uint64_t* destination, uint64_t* destination_length) {
  const auto& a = call.arguments.values;
  std::array<iovec, 64> vectors{};
  size_t count = 0;
  if (name == "sendmsg" || name == "sendmmsg") {
    const auto header = call.target.read_value<msghdr>(a[1]);
    if (!header) return {};
    *destination = reinterpret_cast<uint64_t>(header->msg_name);
    *destination_length = header->msg_namelen;
    count = std::min<size_t>(header->msg_iovlen, vectors.size());
    call.target.read_memory(reinterpret_cast<uint64_t>(header->msg_iov),
                            std::as_writable_bytes(std::span(vectors.data(), count)));
  } else if (name == "writev") {
    count = std::min<size_t>(a[2], vectors.size());
    call.target.read_memory(a[1], std::as_writable_bytes(std::span(vectors.data(), count)));
  } else {
    count = 1;
    vectors[0] = {reinterpret_cast<void*>(a[1]), a[2]};
    if (name == "sendto") {
      *destination = a[4];
      *destination_length = a[5];
    }
  }
  std::vector<std::byte> bytes;
  for (size_t i = 0; i < count; ++i) {
    const size_t old = bytes.size();
    bytes.resize(std::min(old + vectors[i].iov_len, kLargestDatagram));
    const size_t got = call.target.read_memory(reinterpret_cast<uint64_t>(vectors[i].iov_base),
                                               std::span(bytes).subspan(old));
    bytes.resize(old + got);
  }
  return bytes;
}

// Small writes to what can be written to are taken whole, and so are those that wait.
constexpr uint64_t kSurelyTaken = 4096;

}  // namespace

struct Follower::Context {
  const ModelledCall& call;
  const std::shared_ptr<SupervisedThread>& thread;
  Operation& operation;
  Instant now;
  Look& look;
  Footprint guard{};
  bool stream = false;
  std::function<bool()> done{};
  std::function<void()> commit{};  // what is to be remembered once it goes

  std::string_view name() const { return row_of(call.arguments.call).name; }
  int fd(int8_t position = 0) const { return call.arguments.fd(position); }
  const Target& target() const { return call.target; }
  Footprint& footprint() { return operation.footprint; }
  bool nonblocking() const {
    const auto state = descriptor_state(call.target, fd());
    return !state || (state->flags & O_NONBLOCK) != 0 ||
           (message_flags(call, name()) & MSG_DONTWAIT) != 0;
  }
  bool takes_all(int own_fd, uint64_t bytes) const {
    return !nonblocking() || (bytes <= kSurelyTaken && events_of(own_fd, POLLOUT) == POLLOUT);
  }
  // Nothing to find yet: waits, unless the call would not.
  void wait_for(int own_fd) {
    if (nonblocking() || has_time_limit(own_fd)) return;
    look.state = State::kWaits;
    look.waits_for = Fd(fcntl(own_fd, F_DUPFD_CLOEXEC, 0));
  }
};

const SyscallSet& Follower::calls() {
  static const SyscallSet set = [] {
    SyscallSet followed;
    for (const SyscallId id : order_relevant_calls().list())
      if (std::find(std::begin(kNotFollowed), std::end(kNotFollowed), row_of(id).name) ==
          std::end(kNotFollowed))
        followed.insert(id);
    return followed;
  }();
  return set;
}

ObjectKey Follower::listener_key(const Address& address) {
  if (address.family == Address::Family::kUnix) return object_key("listener " + address.text());
  return object_key(fmt::format("listener tcp:{}", address.port));
}

ObjectKey Follower::connect_key(uint64_t socket) {
  return object_key(fmt::format("connect {}", socket));
}

Follower::Look Follower::look(const ModelledCall& call,
                              const std::shared_ptr<SupervisedThread>& thread, Operation& operation,
                              Instant now) {
  Look look;
  operation.footprint = {};
  operation.potential = {};
  operation.key.clear();
  Context context{call, thread, operation, now, look};
  look_at(context);
  // What cannot be told makes no arrow, and need not be guarded.
  for (Footprint* footprint : {&operation.footprint, &context.guard})
    std::erase_if(footprint->accesses,
                  [](const Access& access) { return access.object == kEverything; });
  if (look.state == State::kWaits) operation.footprint = {};
  if (look.state != State::kReady) return look;
  if (!context.guard.accesses.empty() &&
      in_flight_.clashes(call.target.tid(), call.service, context.stream, context.guard, now)) {
    operation.footprint = {};
    look.state = State::kClashes;
    return look;
  }
  if (context.commit) context.commit();
  if (context.guard.accesses.empty()) return look;
  look.under_way = {.thread = thread,
                    .service = call.service,
                    .guard = std::move(context.guard),
                    .stream = context.stream,
                    .done = std::move(context.done)};
  return look;
}

void Follower::goes(Look& look, Instant now) {
  if (look.under_way.thread != nullptr) in_flight_.begins(std::move(look.under_way), now);
}

void Follower::came_back(int tid) {
  in_flight_.ends(tid);
  for (Connecting& connecting : connecting_)
    if (!connecting.local && connecting.thread && connecting.thread->target.tid() == tid)
      resolve(connecting);
}

// --- which call is about what

void Follower::look_at(Context& c) {
  const std::string_view name = c.name();
  if (name == "connect") return connect(c);
  if (name.starts_with("accept")) return accept(c);
  if (name == "listen") return listen(c);
  if (name == "exit_group") {
    for (const int number : open_descriptors(c.target())) ends(c, number);
    return;
  }
  if (name == "close") return ends(c, c.fd());
  if (name == "shutdown") return c.fd(1) == SHUT_RD ? void() : ends(c, c.fd());
  if (name == "dup2" || name == "dup3") return c.fd() == c.fd(1) ? void() : ends(c, c.fd(1));
  if (name == "close_range") {
    for (const int number : open_descriptors(c.target()))
      if (static_cast<uint64_t>(number) >= c.call.arguments.values[0] &&
          static_cast<uint64_t>(number) <= c.call.arguments.values[1])
        ends(c, number);
    return;
  }
  if (!moves_bytes(name) && name != "sendfile" && name != "splice") return files(c);
  // splice writes to its third argument, sendfile to its first.
  const auto descriptor = describe(c.target(), name == "splice" ? c.fd(2) : c.fd());
  if (descriptor) transfer(c, *descriptor);
}

void Follower::files(Context& c) {
  if (files_.classify(c.call, c.operation) != CallModel::Handling::kVisible) return;
  const bool may_go = files_.probe(c.call, c.operation);
  c.guard = c.footprint();
  if (!may_go) {
    c.look.state = State::kWaits;
    return;
  }
  // A lock that is taken without waiting is taken after somebody's unlock as well.
  if (is_file_lock(c.name()) && c.footprint().provides.empty())
    for (const Access& access : c.guard.accesses)
      if (access.mode == AccessMode::kWrite) c.footprint().needs.push_back(access);
}

// --- bytes

void Follower::transfer(Context& c, const Descriptor& descriptor) {
  if (descriptor.is_file()) return files(c);
  if (descriptor.kind == Kind::kPipe) {
    // Anonymous pipes stay inside the service that made them.
    if (descriptor.id.inode == 0) return;
    const DescriptorCopy copy(c.target(), c.name() == "splice" ? c.fd(2) : c.fd());
    if (copy)
      stream_transfer(c, streams_.look_at_pipe(copy.get(), descriptor.id), copy.get(), false);
    return;
  }
  if (descriptor.kind != Kind::kSocket) return;
  const DescriptorCopy copy(c.target(), c.name() == "splice" ? c.fd(2) : c.fd());
  if (!copy) return;
  if (type_of(copy.get()) == SOCK_STREAM) {
    if (const auto end = streams_.look(copy.get(), descriptor.inode))
      stream_transfer(c, *end, copy.get(), true);
  } else if (writes_bytes(c.name())) {
    datagram_sent(c, copy.get());
  } else {
    datagram_received(c, copy.get());
  }
}

void Follower::stream_transfer(Context& c, const FollowedEnd& end, int fd, bool socket) {
  c.operation.key = reads_bytes(c.name()) ? end.incoming : end.outgoing;
  c.stream = true;
  const Transfer transfer = transfer_of(c.call);
  const uint64_t wish = std::max<uint64_t>(transfer.bytes, 1);
  if (!reads_bytes(c.name())) {
    const uint64_t bytes = c.name() == "sendfile" || c.name() == "splice"
                               ? c.call.arguments.values[c.name() == "splice" ? 4 : 3]
                               : transfer.bytes;
    if (bytes == 0) return;
    const uint64_t limit = bytes > kToEnd - end.tail ? kToEnd : end.tail + bytes;
    c.footprint().write(end.bytes_out(), end.tail, limit);
    c.guard.write(end.bytes_out(), end.tail, limit);
    c.guard.write(end.tail_key());
    if (!end.outgoing.starts_with("tcp"))
      c.commit = [this, end, bytes, all = c.takes_all(fd, bytes)] {
        streams_.wrote(end, bytes, all);
      };
    if (!socket) return;
    c.done = [this, thread = c.thread, number = c.fd(), tail = end.tail] {
      const DescriptorCopy copy(thread->target, number);
      const auto now = copy ? streams_.look(copy.get(), inode_of_own(copy.get())) : std::nullopt;
      return now && now->tail > tail;
    };
    return;
  }
  const short events = events_of(fd, POLLIN | POLLRDHUP);
  if (end.unread == 0) {
    Footprint sends;
    sends.write(object_key("tail " + end.incoming));
    if (end.slack > 0 && !in_flight_.clashes(c.target().tid(), c.call.service, true, sends, c.now))
      streams_.is_empty(end);
    if ((events & (POLLIN | POLLHUP | POLLERR | POLLRDHUP)) == 0) return c.wait_for(fd);
    c.footprint().needs.push_back({end.end_in()});
    c.guard.read(end.end_in());
    return;
  }
  // Of a stream whose offsets are not exact: the sends that surely were read.
  const uint64_t head = end.head - end.slack;
  const uint64_t read_to = end.slack > 0 ? head + 1 : end.head + std::min(wish, end.unread);
  c.footprint().needs.push_back({end.bytes_in(), AccessMode::kRead, head, read_to});
  c.guard.read(end.bytes_in(), end.head, wish > kToEnd - end.head ? kToEnd : end.head + wish);
  c.guard.write(end.head_key());
  if (!socket) return;
  c.done = [this, thread = c.thread, number = c.fd(), head = end.head] {
    const DescriptorCopy copy(thread->target, number);
    const auto now = copy ? streams_.look(copy.get(), inode_of_own(copy.get())) : std::nullopt;
    return now && now->head > head;
  };
}

void Follower::datagram_sent(Context& c, int fd) {
  uint64_t destination = 0, length = 0;
  const std::vector<std::byte> bytes = payload_of(c.call, c.name(), &destination, &length);
  auto to = destination != 0 ? read_sockaddr(c.target(), destination, length) : peer_address(fd);
  if (!to) return;
  const ObjectKey object =
      datagrams_.sent({to->unmapped(), local_address(fd), hash_of(bytes), bytes.size()});
  c.footprint().write(object);
  c.operation.key = "datagram";
}

void Follower::datagram_received(Context& c, int fd) {
  c.operation.key = "datagram";
  std::vector<std::byte> bytes(kLargestDatagram);
  std::array<std::byte, sizeof(sockaddr_storage)> name;
  socklen_t length = name.size();
  const ssize_t got = recvfrom(fd, bytes.data(), bytes.size(), MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC,
                               reinterpret_cast<sockaddr*>(name.data()), &length);
  if (got < 0) {
    if (errno == EAGAIN) c.wait_for(fd);
    return;
  }
  bytes.resize(std::min(bytes.size(), static_cast<size_t>(got)));
  const auto at = local_address(fd);
  if (!at) return;
  const auto object = datagrams_.find(
      *at, {*at, parse_sockaddr(std::span(name.data(), std::min<size_t>(length, name.size()))),
            hash_of(bytes), bytes.size()});
  if (!object) return;
  c.footprint().needs.push_back({*object});
  if ((message_flags(c.call, c.name()) & MSG_PEEK) == 0) datagrams_.taken(*object);
}

// --- connections

void Follower::listen(Context& c) {
  const DescriptorCopy copy(c.target(), c.fd());
  const auto address = copy ? local_address(copy.get()) : std::nullopt;
  if (!address) return;
  c.footprint().write(listener_key(*address));
  c.guard.write(listener_key(*address));
}

void Follower::connect(Context& c) {
  const DescriptorCopy copy(c.target(), c.fd());
  if (!copy || !c.operation.peer || type_of(copy.get()) != SOCK_STREAM || peer_address(copy.get()))
    return;
  const ObjectKey listener = listener_key(*c.operation.peer);
  c.footprint().needs.push_back({listener});
  const uint64_t socket = inode_of_own(copy.get());
  c.footprint().write(connect_key(socket));
  c.guard.read(listener);
  // Connections to one listener are accepted in their order.
  c.guard.write(object_key(fmt::format("queue {}", listener.value)));
  const Connecting connecting{socket, c.thread, c.fd(), c.operation.peer->unmapped(), std::nullopt};
  c.commit = [this, connecting] {
    if (connecting_.size() == kMostConnecting) connecting_.pop_front();
    std::erase_if(connecting_,
                  [&](const Connecting& old) { return old.socket == connecting.socket; });
    connecting_.push_back(connecting);
    if (connecting.to.family == Address::Family::kUnix) streams_.unix_connects(connecting.socket);
  };
}

// The kernel gives the connecting socket its address inside the call.
void Follower::resolve(Connecting& connecting) {
  if (connecting.thread == nullptr || connecting.local) return;
  const DescriptorCopy copy(connecting.thread->target, connecting.fd);
  if (!copy || inode_of_own(copy.get()) != connecting.socket) return;
  const auto local = local_address(copy.get());
  if (local && (local->family == Address::Family::kUnix || local->port != 0))
    connecting.local = local->unmapped();
}

ObjectKey Follower::connected(uint64_t socket, const Address& local) {
  if (connecting_.size() == kMostConnecting) connecting_.pop_front();
  connecting_.push_back({socket, nullptr, -1, {}, local.unmapped()});
  return connect_key(socket);
}

void Follower::accept(Context& c) {
  const DescriptorCopy copy(c.target(), c.fd());
  if (!copy || !is_listening(copy.get())) return;
  if (events_of(copy.get(), POLLIN) == 0) return c.wait_for(copy.get());
  const auto at = local_address(copy.get());
  c.look.taken = take_connection(c.target(), c.call.arguments);
  if (!c.look.taken || !at) return;
  const int connection = c.look.taken->fd.get();
  const auto peer = peer_address(connection);
  ucred who{};
  socklen_t size = sizeof who;
  getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &who, &size);
  const bool is_unix = at->family == Address::Family::kUnix;
  const auto from =
      std::find_if(connecting_.begin(), connecting_.end(), [&](Connecting& connecting) {
        if (is_unix)
          return connecting.thread != nullptr && connecting.to == *at &&
                 connecting.thread->target.tgid() == who.pid;
        resolve(connecting);
        return peer && connecting.local == peer->unmapped();
      });
  if (from == connecting_.end()) return;
  c.footprint().needs.push_back({connect_key(from->socket)});
  if (is_unix) streams_.unix_accepted(inode_of_own(connection), from->socket);
  connecting_.erase(from);
}

// --- ends

void Follower::ends(Context& c, int number) {
  const auto descriptor = describe(c.target(), number);
  if (!descriptor) return;
  if (descriptor->is_file()) {
    const auto state = descriptor_state(c.target(), number);
    if (!state || !state->locked) return;
    const ObjectKey lock = object::lock(files_.names().file(descriptor->id, descriptor->link));
    c.footprint().write(lock);
    c.guard.write(lock);
    return;
  }
  const bool pipe = descriptor->kind == Kind::kPipe && descriptor->id.inode != 0;
  if (!pipe && descriptor->kind != Kind::kSocket) return;
  const DescriptorCopy copy(c.target(), number);
  if (!copy) return;
  const auto end = pipe ? std::optional(streams_.look_at_pipe(copy.get(), descriptor->id))
                        : streams_.look(copy.get(), descriptor->inode);
  if (!end) return;
  const auto state = pipe ? descriptor_state(c.target(), number) : std::nullopt;
  if (state && (state->flags & O_ACCMODE) == O_RDONLY) return;
  c.stream = true;
  c.footprint().add(end->end_out());
  c.guard.add(end->end_out());
}

}  // namespace fb
