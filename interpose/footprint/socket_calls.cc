// Listeners, connections, pairs.
#include "interpose/footprint/descriptor_calls.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace fb {
namespace {

using Context = ServiceModel::Context;
using Handling = CallModel::Handling;
using Copy = DescriptorCopy;

bool is_stream(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

Handling binds(Context& c) {
  // Ports of the kernel's choice race with nobody.
  return c.operation.peer && c.operation.peer->port == 0 &&
                 c.operation.peer->family != Address::Family::kUnix
             ? Handling::kLocal
         : c.operation.peer ? Handling::kVisible
                            : Handling::kLocal;
}

bool probe_bind(Context& c) {
  if (!c.operation.peer) return true;
  const std::string name = c.model.connections().listener_at(*c.operation.peer);
  c.operation.key = name;
  c.footprint().write(object::listener(name));
  if (c.operation.peer->family == Address::Family::kUnix)
    c.footprint().write(object::entry(c.operation.peer->unix_path));
  return true;
}

Decision bind_goes(Context& c) {
  if (c.operation.peer) c.model.connections().bound(*c.operation.peer);
  return Allow{};
}

std::optional<std::string> listener_of(Context& c, bool about_to_listen = false) {
  const Copy copy(c.call.target, c.fd(0));
  if (!copy) return std::nullopt;
  const auto address = own_address(copy.get());
  if (!address) return std::nullopt;
  if (about_to_listen) c.model.connections().listening(*address, c.process().text());
  return c.model.connections().listener_at(*address);
}

bool probe_listen(Context& c) {
  const auto listener = listener_of(c, true);
  if (!listener) return true;
  c.operation.key = *listener;
  c.footprint().write(object::listener(*listener));
  c.footprint().provides.push_back({object::listener(*listener)});
  return true;
}

bool probe_accept(Context& c) {
  const Copy copy(c.call.target, c.fd(0));
  const auto address = copy ? own_address(copy.get()) : std::nullopt;
  if (!address) return true;
  const std::string listener = c.model.connections().listener_at(*address);
  c.operation.key = listener;
  const bool ready = copy.poll_for(POLLIN) != 0;
  const auto state = descriptor_state(c.call.target, c.fd(0));
  const bool waits = state && (state->flags & O_NONBLOCK) == 0;
  Footprint& f = c.footprint();
  const uint64_t place = c.model.connections().accepts(listener);
  if (!ready && !waits) {
    if (!c.model.is_reactive(c.process())) {
      f.read(object::head(listener));  // another one may have taken it
      f.read(object::backlog(listener), place, place + 1);
    }
    return true;
  }
  f.write(object::head(listener));
  f.read(object::backlog(listener), place, place + 1);
  f.needs.push_back({object::backlog(listener), AccessMode::kRead, place, place + 1});
  return ready;
}

Decision accept_goes(Context& c) {
  const Copy copy(c.call.target, c.fd(0));
  const auto address = copy ? own_address(copy.get()) : std::nullopt;
  if (address && copy.poll_for(POLLIN) != 0)
    c.model.connections().accepting(c.model.connections().listener_at(*address));
  return Allow{};
}

bool probe_connect(Context& c) {
  const Copy copy(c.call.target, c.fd(0));
  if (!copy || !c.operation.peer) return true;  // AF_UNSPEC, netlink: nobody's business
  if (!is_stream(copy.get())) return true;      // only sets the peer of a datagram socket
  const std::string listener = c.model.connections().listener_at(*c.operation.peer);
  c.operation.key = listener;
  queue_connect(c.footprint(), c.model.connections(), listener);
  // Another thread of the process may wait for the connection to be there.
  const uint64_t place = c.model.connects(c.process());
  const Access connected{object::connected(c.process().text()), AccessMode::kWrite, place,
                         place + 1};
  c.footprint().accesses.push_back(connected);
  c.footprint().provides.push_back(connected);
  return true;
}

Decision connect_goes(Context& c) {
  const Copy copy(c.call.target, c.fd(0));
  const auto link = c.call.target.fd_link(c.fd(0));
  if (!copy || !link || !c.operation.peer || !is_stream(copy.get())) return Allow{};
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (getpeername(copy.get(), reinterpret_cast<sockaddr*>(&peer), &size) == 0)
    return Allow{};  // asked again after an asynchronous connect
  c.model.connections().connecting(c.model.connections().listener_at(*c.operation.peer),
                                   *c.operation.peer, inode_of_link(*link));
  c.model.will_connect(c.call, c.fd(0));
  return Allow{};
}

bool probe_shutdown(Context& c) {
  const auto d = describe_argument(c);
  const Copy copy(c.call.target, c.fd(0));
  if (!d || !copy) return true;
  const auto end = c.model.connections().look(copy.get(), d->inode);
  if (!end) return true;
  c.operation.key = end->outgoing;
  const bool reading = c.fd(1) != SHUT_WR, writing = c.fd(1) != SHUT_RD;
  stream_close(c.footprint(), *end, reading, writing);
  // Unlike a close it is felt at this end as well, by whoever else has it.
  if (reading) {
    c.footprint().add(object::end(end->incoming));
    c.footprint().provides.push_back({object::end(end->incoming)});
  }
  if (writing) c.footprint().add(object::unread(end->outgoing));
  return true;
}

Handling makes_pair(Context&) {
  return Handling::kLocal;
}

Decision pipe_goes(Context& c) {
  c.model.will_make_pair(c.call, c.arg(0), false);
  return Allow{};
}

Decision socketpair_goes(Context& c) {
  c.model.will_make_pair(c.call, c.arg(3), true);
  return Allow{};
}

constexpr ServiceModel::Row kRows[] = {
    {"accept", nullptr, probe_accept, accept_goes},
    {"accept4", nullptr, probe_accept, accept_goes},
    {"bind", binds, probe_bind, bind_goes},
    {"connect", nullptr, probe_connect, connect_goes},
    {"listen", nullptr, probe_listen},
    {"pipe", makes_pair, nullptr, pipe_goes},
    {"pipe2", makes_pair, nullptr, pipe_goes},
    {"shutdown", nullptr, probe_shutdown},
    {"socketpair", makes_pair, nullptr, socketpair_goes},
};

}  // namespace

std::span<const ServiceModel::Row> socket_rows() {
  return kRows;
}

}  // namespace fb
