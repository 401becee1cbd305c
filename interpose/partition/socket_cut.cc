#include "interpose/partition/socket_cut.h"

#include "interpose/partition/reset.h"
#include "interpose/sys/posix.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sched.h>
#include <set>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <utility>

namespace fb {
namespace {

using State = InetSocket::State;

const InetSocket* other_end(const std::vector<InetSocket>& all, const InetSocket& socket) {
  if (!socket.peer) return nullptr;
  const auto found = std::find_if(all.begin(), all.end(), [&](const InetSocket& other) {
    return !other.datagram && other.peer && other.local == *socket.peer &&
           *other.peer == socket.local;
  });
  return found == all.end() ? nullptr : &*found;
}

// Bound to exactly this address if somebody is, else to any.
std::optional<ServiceId> bound_to(const std::vector<InetSocket>& all, const Address& address,
                                  bool datagram) {
  std::optional<ServiceId> found;
  for (const InetSocket& socket : all) {
    if (socket.datagram != datagram || !socket.is_bound_to(address)) continue;
    if (socket.local == address.unmapped()) return socket.service;
    if (!found) found = socket.service;
  }
  return found;
}

// A socket that is about to send gets its source port now, so that receivers can tell it.
void bind_to_some_port(int fd, const InetSocket& socket) {
  if (socket.local.port != 0) return;
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  if (socket.ipv6)
    (void)bind(fd, reinterpret_cast<const sockaddr*>(&v6), sizeof v6);
  else
    (void)bind(fd, reinterpret_cast<const sockaddr*>(&v4), sizeof v4);
}

bool same(const PacketFilter& a, const PacketFilter& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(sock_filter)) == 0);
}

// What a stream end of `self` is to lose. `attempt`: it is not connected yet.
PacketFilter stream_filter(const PartitionSet& partitions, ServiceId self, ServiceId peer,
                           bool attempt) {
  const bool in = partitions.cuts(peer, self), out = partitions.cuts(self, peer);
  if (out && (in || attempt)) return drop_everything();
  return in ? drop_payload() : PacketFilter{};
}

// Some kernels let only privileged processes filter streams: asked before anything depends on it.
Status can_filter_streams() {
  const Fd scratch(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int error = scratch ? attach(scratch.get(), drop_everything()) : errno;
  if (error == 0) return {};
  return posix::error_of(error,
                         "cannot withhold data between services (it needs CAP_NET_ADMIN, which an "
                         "isolated network gives)");
}

// So many connects can be under way; the older ones have long taken effect.
constexpr size_t kMostPassed = 64;
constexpr int kMostLooks = 200;
constexpr int kMostPasses = 5;

// Or on its way there: a thread that runs does not say where.
bool is_in_connect(const Target& target) {
  const auto text = target.text("syscall");
  return text &&
         (text->starts_with("running") || text->starts_with(fmt::format("{} ", SYS_connect)));
}

bool withholds(const Partition& partition) {
  return partition.mode != PartitionMode::kRefuse ||
         partition.direction != PartitionDirection::kBoth;
}

}  // namespace

Result<std::vector<InetSocket>> SocketCut::survey(const std::vector<ServiceId>& services) const {
  std::vector<InetSocket> sockets;
  for (const ServiceId service : services)
    for (const int pid : processes_.of(service)) FB_TRY(add_inet_sockets(service, pid, sockets));
  return sockets;
}

std::optional<ServiceId> SocketCut::owner(const Address& address, bool datagram) {
  const auto sockets = survey(processes_.services());
  return sockets.ok() ? bound_to(*sockets, address, datagram) : std::nullopt;
}

Status SocketCut::enforce(const PartitionSet& partitions) {
  if (std::any_of(partitions.all().begin(), partitions.all().end(), withholds))
    FB_TRY(can_filter_streams());
  await_passed();
  FB_TRY(treat_all(partitions));
  // A thread that is just coming back from accept holds what it got in a moment.
  for (int i = 0; unaccepted_ && i < kMostPasses; ++i) {
    sched_yield();
    FB_TRY(treat_all(partitions));
  }
  return {};
}

Status SocketCut::treat_all(const PartitionSet& partitions) {
  std::set<ServiceId> involved;
  for (const Partition& partition : partitions.all()) {
    involved.insert(partition.a);
    involved.insert(partition.b);
  }
  for (const auto& [inode, treatment] : treatments_) involved.insert(treatment.service);
  const std::vector<InetSocket> sockets =
      FB_TRY(survey(std::vector<ServiceId>(involved.begin(), involved.end())));
  Treatments treated;
  unaccepted_ = false;
  for (const InetSocket& socket : sockets) {
    if (socket.datagram)
      FB_TRY(treat_datagrams(partitions, sockets, socket, treated));
    else
      FB_TRY(treat_stream(partitions, sockets, socket, treated));
  }
  treatments_ = std::move(treated);
  return {};
}

Status SocketCut::treat_stream(const PartitionSet& partitions, const std::vector<InetSocket>& all,
                               const InetSocket& socket, Treatments& treated) {
  if (socket.state == State::kListening) return {};
  std::optional<Address> peer = socket.peer;
  const auto known = treatments_.find(socket.inode);
  // Of a socket that is still trying to connect only its connect has told to whom.
  if (socket.state == State::kConnecting && known != treatments_.end()) peer = known->second.peer;
  const InetSocket* other = other_end(all, socket);
  std::optional<ServiceId> service;
  if (other != nullptr)
    service = other->service;
  else if (peer && socket.state != State::kIdle)
    service = bound_to(all, *peer, false);
  if (peer && !service) service = partitions.declared_owner(*peer);
  const bool cut = service && socket.state != State::kIdle;
  const bool reset = cut && partitions.resets(socket.service, *service);
  if (known == treatments_.end() && !cut) return {};

  const Fd copy = duplicate_of(socket);
  if (!copy) return {};  // closed meanwhile
  if (!cut || reset) {
    FB_TRY(change(copy.get(), socket, {}, false, {}, treated));
    return reset ? reset_connection(copy.get(), socket, *peer, other == nullptr) : Status{};
  }
  const bool connecting = socket.state == State::kConnecting;
  const bool withheld =
      partitions.cuts(*service, socket.service) || partitions.cuts(socket.service, *service);
  unaccepted_ |= other == nullptr && !connecting;
  return change(copy.get(), socket, stream_filter(partitions, socket.service, *service, connecting),
                withheld, connecting ? peer : std::nullopt, treated);
}

Status SocketCut::treat_datagrams(const PartitionSet& partitions,
                                  const std::vector<InetSocket>& all, const InetSocket& socket,
                                  Treatments& treated) {
  std::vector<Address> senders;
  for (const InetSocket& other : all)
    if (other.datagram && other.local.port != 0 && partitions.cuts(other.service, socket.service) &&
        std::find(senders.begin(), senders.end(), other.local) == senders.end())
      senders.push_back(other.local);
  if (senders.size() > kMaxSenders)
    return failed(fmt::format("cannot cut off more than {} UDP sockets from one", kMaxSenders));
  if (senders.empty() && !treatments_.contains(socket.inode)) return {};
  const Fd copy = duplicate_of(socket);
  if (!copy) return {};  // closed meanwhile
  return change(copy.get(), socket, senders.empty() ? PacketFilter{} : drop_datagrams(senders),
                false, {}, treated);
}

Status SocketCut::change(int fd, const InetSocket& socket, PacketFilter filter, bool hasten,
                         std::optional<Address> peer, Treatments& treated) {
  Treatment treatment{.service = socket.service, .filter = {}, .peer = {}, .before = {}};
  if (const auto known = treatments_.find(socket.inode); known != treatments_.end())
    treatment = known->second;
  if (!same(filter, treatment.filter)) {
    const int error = filter.empty() ? detach(fd) : attach(fd, filter);
    if (error != 0 && !filter.empty())
      return posix::error_of(error, "cannot attach a filter to a socket");
  }
  if (treatment.before) restore_retransmission(fd, *treatment.before);
  treatment.before.reset();
  if (hasten) treatment.before = hasten_retransmission(fd, socket.state != State::kConnected);
  treatment.filter = std::move(filter);
  treatment.peer = std::move(peer);
  if (!treatment.filter.empty() || treatment.before)
    treated.insert_or_assign(socket.inode, std::move(treatment));
  else
    treated.erase(socket.inode);
  return {};
}

void SocketCut::before_connect(const PartitionSet& partitions, const Connect& connect) {
  const Fd copy(connect.target.duplicate(connect.fd));
  auto socket = copy ? look_at_socket(copy.get()) : std::nullopt;
  if (!socket) return;
  socket->service = connect.service;
  if (socket->datagram) {
    bind_to_some_port(copy.get(), *socket);
    (void)enforce(partitions);
    return;
  }
  PacketFilter filter;
  bool withheld = false;
  const auto other = partitions.owner(connect.peer, false);
  if (other && partitions.cuts(connect.service, *other) == connect.dropped) {
    filter = stream_filter(partitions, connect.service, *other, true);
    withheld = connect.dropped || partitions.cuts(*other, connect.service);
  }
  if (!withheld && !treatments_.contains(socket->inode)) return;
  (void)change(copy.get(), *socket, std::move(filter), withheld, connect.peer.unmapped(),
               treatments_);
}

std::optional<TakenConnection> SocketCut::take_unaccepted(const Target& target,
                                                          const CallArguments& accept) {
  if (!unaccepted_) return std::nullopt;
  return take_connection(target, accept);
}

void SocketCut::before_accepted(const PartitionSet& partitions, ServiceId service,
                                const TakenConnection& taken) {
  auto socket = look_at_socket(taken.fd.get());
  if (!unaccepted_ || !socket) return;
  socket->service = service;
  const auto sockets = survey(processes_.services());
  const InetSocket* other = sockets.ok() ? other_end(*sockets, *socket) : nullptr;
  if (other == nullptr) return;
  const bool withheld =
      partitions.cuts(service, other->service) || partitions.cuts(other->service, service);
  if (withheld)
    (void)change(taken.fd.get(), *socket, stream_filter(partitions, service, other->service, false),
                 true, {}, treatments_);
}

void SocketCut::passes(const Connect& connect) {
  if (passed_.size() == kMostPassed) passed_.pop_front();
  passed_.push_back({connect.service, connect.target.tid(), connect.fd, connect.peer.unmapped()});
}

// The caller has its answer and is on its way into the kernel, where a connect over loopback takes
// effect within microseconds. Nothing tells that moment but the socket itself.
void SocketCut::await_passed() {
  for (const Passed& passed : std::exchange(passed_, {})) {
    const auto target = Target::open(passed.tid);
    if (!target) continue;
    for (int i = 0; i < kMostLooks; ++i) {
      const Fd copy(target->duplicate(passed.fd));
      const auto socket = copy ? look_at_socket(copy.get()) : std::nullopt;
      if (!socket || socket->datagram) break;
      if (socket->state == State::kConnecting)
        treatments_.try_emplace(socket->inode,
                                Treatment{passed.service, {}, passed.peer, std::nullopt});
      if (socket->state != State::kIdle || !is_in_connect(*target)) break;
      sched_yield();
    }
  }
}

void SocketCut::before_bind(const PartitionSet& partitions, const Target& target, int fd) {
  const Fd copy(target.duplicate(fd));
  const auto socket = copy ? look_at_socket(copy.get()) : std::nullopt;
  if (socket && socket->datagram) (void)enforce(partitions);
}

}  // namespace fb
