#include "interpose/sys/controlled_net.h"

#include "core/base/check.h"
#include "interpose/footprint/descriptor.h"
#include "interpose/footprint/service_model.h"
#include "interpose/sys/posix.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fb {
namespace {

// A connect to this machine is done when the call returns; one to a container takes a moment.
constexpr int kConnectMs = 1000;

short events_of(int fd, short wanted) {
  pollfd entry{fd, wanted, 0};
  return poll(&entry, 1, 0) > 0 ? entry.revents : short{0};
}

uint64_t socket_inode(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

}  // namespace

class ControlledStream final : public Stream {
 public:
  ControlledStream(ControlledNet& net, ActorId actor, Fd fd)
      : net_(net),
        actor_(actor),
        inode_(socket_inode(fd.get())),
        stream_(std::make_unique<SocketStream>(net.loop_, std::move(fd))) {}

  // Ends with the fiber: then there is no turn to wait for.
  ~ControlledStream() override {
    if (std::uncaught_exceptions() == 0) close();
  }

  Result<size_t> read(std::span<std::byte> into, Duration limit) override {
    if (stream_ == nullptr) return Error{Code::kGone, "read: the connection is closed"};
    std::optional<Result<std::optional<size_t>>> result;
    ControlledNet::Turn turn(
        [this, &into](Operation& operation) { return probe_read(operation, into.size()); },
        [&] { result = posix::read_some(fd(), into); });
    const Status status = net_.await_turn(actor_, "recvfrom", std::nullopt, turn, limit);
    if (!status.ok()) return Error{status.error().code, "read: i/o timeout"};
    const std::optional<size_t> got = FB_TRY(std::move(*result));
    // The order became free while it waited.
    return got ? Result<size_t>(*got) : stream_->read(into, limit);
  }

  Status write(std::span<const std::byte> bytes, Duration limit) override {
    while (!bytes.empty()) {
      if (stream_ == nullptr) return Error{Code::kGone, "write: the connection is closed"};
      std::optional<Result<std::optional<size_t>>> result;
      ControlledNet::Turn turn(
          [&](Operation& operation) { return probe_write(operation, bytes.size()); },
          [&] { result = posix::send_some(fd(), bytes); });
      const Status status = net_.await_turn(actor_, "sendto", std::nullopt, turn, limit);
      if (!status.ok()) return Error{status.error().code, "write: i/o timeout"};
      const std::optional<size_t> sent = FB_TRY(std::move(*result));
      if (!sent) return stream_->write(bytes, limit);
      bytes = bytes.subspan(*sent);
    }
    return {};
  }

  Status shutdown_write() override {
    if (stream_ == nullptr) return Error{Code::kGone, "shutdown: the connection is closed"};
    Status result;
    ControlledNet::Turn turn(
        [this](Operation& operation) {
          if (const auto end = look(operation))
            stream_close(operation.footprint, *end, false, true);
          return true;
        },
        [&] { result = stream_->shutdown_write(); });
    FB_TRY(net_.await_turn(actor_, "shutdown", std::nullopt, turn, Duration::max()));
    return result;
  }

  void close() override {
    if (stream_ == nullptr) return;
    ControlledNet::Turn turn(
        [this](Operation& operation) {
          if (const auto end = look(operation)) stream_close(operation.footprint, *end, true, true);
          return true;
        },
        [this] { stream_.reset(); });
    if (Fiber* fiber = FiberPool::current(); fiber != nullptr && net_.scheduler_.controlled())
      (void)net_.await_turn(actor_, "close", std::nullopt, turn, Duration::max());
    stream_.reset();
  }

 private:
  int fd() const { return stream_->fd(); }

  std::optional<StreamEnd> look(Operation& operation) {
    auto end = net_.connections_.look(fd(), inode_);
    if (end) operation.key = end->outgoing;
    return end;
  }

  bool probe_read(Operation& operation, size_t wish) {
    const auto end = look(operation);
    if (!end) return true;  // reset: the call will say so
    operation.key = end->incoming;
    if (end->unread > 0) {
      stream_read(operation.footprint, *end, wish, true);
      return true;
    }
    if (events_of(fd(), POLLIN | POLLRDHUP) != 0) {
      stream_end_of(operation.footprint, *end);
      return true;
    }
    stream_read(operation.footprint, *end, 1, true);
    return false;
  }

  bool probe_write(Operation& operation, size_t size) {
    const auto end = look(operation);
    if (!end) return true;
    stream_write(operation.footprint, *end, size);
    return events_of(fd(), POLLOUT) != 0;
  }

  ControlledNet& net_;
  ActorId actor_;
  uint64_t inode_;
  std::unique_ptr<SocketStream> stream_;
};

ControlledNet::ControlledNet(EpollLoop& loop, Scheduler& scheduler, Clock& clock,
                             Connections& connections)
    : loop_(loop), scheduler_(scheduler), clock_(clock), connections_(connections), plain_(loop) {}

void ControlledNet::decided(OperationId id, const Decision& /*decision*/) {
  Turn* turn = submitting_;
  if (auto found = waiting_.find(id); found != waiting_.end()) {
    turn = found->second;
    waiting_.erase(found);
  }
  FB_CHECK(turn != nullptr);
  connections_.operation_goes();
  turn->make();
  turn->done = true;
  if (turn != submitting_) FiberPool::wake(*turn->fiber);
}

bool ControlledNet::probe(OperationId id, Operation& operation) {
  auto found = waiting_.find(id);
  FB_CHECK(found != waiting_.end());
  const bool enabled = found->second->probe(operation);
  time_order(operation.footprint, connections_.operations(), std::nullopt);
  return enabled;
}

Status ControlledNet::await_turn(ActorId actor, std::string_view call,
                                 const std::optional<Address>& peer, Turn& turn, Duration limit) {
  Operation operation;
  operation.kind = OperationKind::kStep;
  operation.actor = actor;
  operation.service = kTestDriver;
  operation.call = *find_syscall(call);
  operation.peer = peer;
  operation.is_socket = true;
  // Branches act in the explored scope only, and first.
  if (actor.kind == ActorId::Kind::kBranch && !marked_) {
    marked_ = true;
    connections_.mark();
  }
  turn.fiber = FiberPool::current();
  submitting_ = &turn;
  const OperationId id = scheduler_.submit(std::move(operation), *this, false);
  submitting_ = nullptr;
  if (turn.done) return {};
  waiting_.emplace(id, &turn);
  // Also when the fiber is unwound.
  struct Withdraw {
    ControlledNet& net;
    OperationId id;
    Turn& turn;
    ~Withdraw() {
      if (turn.done) return;
      net.waiting_.erase(id);
      net.scheduler_.withdraw(id);
    }
  } const withdraw{*this, id, turn};
  std::unique_ptr<Timer> timer;
  if (limit != Duration::max())
    timer = clock_.after(
        limit,
        [&turn] {
          turn.late = true;
          FiberPool::wake(*turn.fiber);
        },
        TimerKind::kLimit);
  while (!turn.done && !turn.late) FiberPool::park();
  if (!turn.done) return Error{Code::kTimeout, "i/o timeout"};
  return {};
}

Result<std::unique_ptr<Stream>> ControlledNet::connect(ActorId actor, const Address& to,
                                                       Duration limit) {
  const std::string what = "dial " + dial_text(to);
  const SocketAddress raw = FB_TRY(socket_address(to));
  Fd fd(::socket(raw.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return posix::error_of(errno, what);
  if (to.family != Address::Family::kUnix) {
    const int on = 1;  // small requests are not to wait for each other's acknowledgement
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  const uint64_t inode = socket_inode(fd.get());
  int error_number = 0;
  Turn turn(
      [&](Operation& operation) {
        const std::string listener = connections_.listener_at(to);
        operation.key = listener;
        queue_connect(operation.footprint, connections_, listener);
        return true;
      },
      [&] {
        connections_.connecting(connections_.listener_at(to), to, inode);
        if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&raw.storage), raw.size) != 0)
          error_number = errno;
        if (error_number == EINPROGRESS || error_number == EINTR) {
          pollfd entry{fd.get(), POLLOUT, 0};
          const int ready = poll(&entry, 1, kConnectMs);
          socklen_t size = sizeof error_number;
          ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error_number, &size);
          if (ready == 0) error_number = ETIMEDOUT;
        }
        if (error_number == 0) connections_.look(fd.get(), inode);  // its addresses are known now
        connections_.forget_pending(inode);
      });
  const Status status = await_turn(actor, "connect", to, turn, limit);
  if (!status.ok()) return Error{status.error().code, what + ": i/o timeout"};
  if (error_number != 0) return posix::error_of(error_number, what);
  return std::unique_ptr<Stream>(std::make_unique<ControlledStream>(*this, actor, std::move(fd)));
}

}  // namespace fb
