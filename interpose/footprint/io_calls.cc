// Bytes through descriptors of every kind, and the closing of descriptors.
#include "interpose/decode/sockaddr.h"
#include "interpose/footprint/descriptor_calls.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace fb {
namespace {

using Context = ServiceModel::Context;
using Handling = CallModel::Handling;
using Kind = Descriptor::Kind;
using Copy = DescriptorCopy;

constexpr uint64_t kMaxVectors = 1024;  // IOV_MAX

uint64_t vector_bytes(const Target& target, uint64_t address, uint64_t count) {
  std::array<iovec, kMaxVectors> vectors;
  const size_t n = std::min<uint64_t>(count, kMaxVectors);
  const size_t got =
      target.read_memory(address, std::as_writable_bytes(std::span(vectors.data(), n)));
  uint64_t total = 0;
  for (size_t i = 0; i < got / sizeof(iovec); ++i) total += vectors[i].iov_len;
  return total;
}

uint64_t message_bytes(const Target& target, uint64_t address) {
  const auto header = target.read_value<msghdr>(address);
  return header
             ? vector_bytes(target, reinterpret_cast<uint64_t>(header->msg_iov), header->msg_iovlen)
             : 0;
}

bool is_write(std::string_view call) {
  return call.starts_with("write") || call.starts_with("pwrite") || call.starts_with("send");
}

int message_flags(const Context& c) {
  const std::string_view call = c.name();
  if (call == "sendto" || call == "recvfrom" || call == "sendmmsg" || call == "recvmmsg")
    return c.fd(3);
  if (call == "sendmsg" || call == "recvmsg") return c.fd(2);
  return 0;
}

// --- files

bool probe_file_transfer(Context& c, const Descriptor& d, const DescriptorState& state) {
  const Transfer transfer = transfer_of(c.call);
  const std::string name = c.model.names().file(d.id, d.link);
  Footprint& f = c.footprint();
  const bool writes = is_write(c.name());
  const bool appends = writes && (state.flags & O_APPEND) != 0;
  const uint64_t at = appends ? d.size : transfer.offset.value_or(state.position);
  const uint64_t end = transfer.bytes > UINT64_MAX - at ? kToEnd : at + transfer.bytes;
  c.operation.key = appends ? fmt::format("{} [end,+{})", name, transfer.bytes)
                            : fmt::format("{} [{},{})", name, at, end);
  if (!transfer.offset)
    f.write(object::offset(
        c.model.names().open_file(c.process(), c.call.target.tgid(), c.fd(0), d.id, name)));
  if (transfer.bytes == 0) return true;
  if (writes) {
    f.write(object::data(name), at, end);
    if (end > d.size) f.write(object::size(name));
  } else {
    f.read(object::data(name), at, end);
    if (end > d.size) f.read(object::size(name));
  }
  return true;
}

// --- pipes

std::string pipe_stream(Context& c, const Descriptor& d) {
  // Named pipes are files of a name; others go by who made them.
  return d.id.inode != 0 ? c.model.names().file(d.id, d.link)
                         : c.model.names().pipe(d.inode, c.process());
}

// --- reads and writes of streams

bool probe_stream_read(Context& c, const StreamEnd& end, const Copy& copy, bool waits) {
  c.operation.key = end.incoming;
  const uint64_t wish = std::max<uint64_t>(transfer_of(c.call).bytes, 1);
  Footprint& f = c.footprint();
  if (end.unread > 0) {
    stream_read(f, end, wish, false);
    return true;
  }
  const short events = copy.poll_for(POLLIN | POLLRDHUP);
  if ((events & (POLLIN | POLLHUP | POLLERR | POLLRDHUP)) != 0) {
    stream_end_of(f, end);
    return true;
  }
  if (waits) {
    stream_read(f, end, wish, false);
    return false;
  }
  if (c.model.is_reactive(c.process())) return true;  // it will wait for more
  f.read(object::head(end.incoming));                 // another reader may have taken it
  f.read(object::bytes(end.incoming), end.head, end.head + 1);
  f.read(object::end(end.incoming));
  return true;
}

bool probe_stream_write(Context& c, const StreamEnd& end, const Copy& copy, bool waits) {
  c.operation.key = end.outgoing;
  stream_write(c.footprint(), end, transfer_of(c.call).bytes);
  return !waits || (copy.poll_for(POLLOUT) & (POLLOUT | POLLERR | POLLHUP)) != 0;
}

// Anything else that is read and written: the whole object, named by process; poll tells whether it
// would block.
bool probe_other_transfer(Context& c, const Descriptor& d, const Copy& copy, bool waits) {
  const bool writes = is_write(c.name());
  const std::string name = fmt::format(
      "{} {}",
      d.link.substr(0, d.link.find(":[") + 1) == "socket:" ? std::string("socket") : d.link,
      c.process().text());
  c.operation.key = name;
  const bool ready = copy.poll_for(writes ? POLLOUT : POLLIN) != 0;
  const ObjectKey object =
      d.kind == Kind::kEventfd ? object::eventfds(c.process().service) : object_key(name);
  if (d.kind == Kind::kEventfd && writes) {
    c.footprint().add(object);
    c.footprint().provides.push_back({object, AccessMode::kAdd});
    return true;
  }
  if (writes) c.footprint().provides.push_back({object});
  if (!writes && waits) c.footprint().needs.push_back({object});
  if (d.kind == Kind::kEventfd || d.kind == Kind::kOther)
    c.footprint().write(object);
  else
    c.footprint().everything();
  return ready || !waits;
}

bool probe_transfer(Context& c) {
  const auto d = describe_argument(c);
  const auto state = d ? descriptor_state(c.call.target, c.fd(0)) : std::nullopt;
  if (!state) return true;  // EBADF
  if (d->is_file()) return probe_file_transfer(c, *d, *state);
  const Copy copy(c.call.target, c.fd(0));
  if (!copy) return true;
  const bool waits = (state->flags & O_NONBLOCK) == 0 && (message_flags(c) & MSG_DONTWAIT) == 0 &&
                     !c.call.timed_out;
  if (d->kind == Kind::kPipe || d->kind == Kind::kSocket) {
    const auto end = d->kind == Kind::kPipe ? std::optional(pipe_end(c, *d, copy))
                                            : c.model.connections().look(copy.get(), d->inode);
    if (end)
      return is_write(c.name()) ? probe_stream_write(c, *end, copy, waits)
                                : probe_stream_read(c, *end, copy, waits);
  }
  return probe_other_transfer(c, *d, copy, waits);
}

Handling transfers(Context& c) {
  const auto d = describe_argument(c);
  if (!d || d->kind == Kind::kDevice) return Handling::kLocal;
  if (d->is_file() || d->kind == Kind::kDirectory)
    return c.model.is_untouched_system(d->link) ? Handling::kLocal : Handling::kVisible;
  if ((d->kind == Kind::kPipe || d->kind == Kind::kSocket) && c.model.is_ours(*d))
    return Handling::kLocal;
  return Handling::kVisible;
}

Decision count_written(Context& c) {
  if (!is_write(c.name())) return Allow{};
  const auto d = describe_argument(c);
  if (!d || (d->kind != Kind::kPipe && d->kind != Kind::kSocket) || c.model.is_ours(*d))
    return Allow{};
  // Only streams without totals of their own use the count; TCP's is asked of the kernel.
  if (d->kind == Kind::kPipe) {
    c.model.connections().wrote(pipe_stream(c, *d), transfer_of(c.call).bytes);
  } else if (const Copy copy(c.call.target, c.fd(0)); copy) {
    if (const auto end = c.model.connections().look(copy.get(), d->inode))
      c.model.connections().wrote(end->outgoing, transfer_of(c.call).bytes);
  }
  return Allow{};
}

// --- closing

// A close that leaves other descriptors of the same end open changes nothing yet; it is still one
// of those that the end of the stream comes after, and it might be the last one in another order.
void close_end(Context& c, int fd, const Descriptor& d, const StreamEnd& end, bool reading,
               bool writing, bool whole_process) {
  if (!c.model.is_held_elsewhere(c.call, fd, d, whole_process)) {
    stream_close(c.footprint(), end, reading, writing);
    return;
  }
  stream_close(c.footprint(), end, false, writing);
  stream_close(c.operation.potential, end, reading, writing);
}

void close_listener(Context& c, int fd, const Descriptor& d, const Copy& copy, bool whole_process) {
  int listens = 0;
  socklen_t size = sizeof listens;
  if (getsockopt(copy.get(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0)
    return;
  const auto address = own_address(copy.get());
  if (!address) return;
  const std::string listener = c.model.connections().listener_at(*address);
  if (c.operation.key.empty()) c.operation.key = listener;
  Footprint& into = c.model.is_held_elsewhere(c.call, fd, d, whole_process) ? c.operation.potential
                                                                            : c.footprint();
  into.write(object::listener(listener));
  into.write(object::tail(listener));
}

void close_footprint(Context& c, int fd, bool whole_process = false) {
  const auto d = describe(c.call.target, fd);
  if (!d || ((d->kind == Kind::kPipe || d->kind == Kind::kSocket) && c.model.is_ours(*d))) return;
  if (d->is_file()) {
    const auto state = descriptor_state(c.call.target, fd);
    if (!state || !state->locked) return;
    const std::string name = c.model.names().file(d->id, d->link);
    if (c.operation.key.empty()) c.operation.key = name;
    for (const ObjectKey lock : {object::lock(name), object::records(name)}) {
      c.footprint().write(lock);
      c.footprint().provides.push_back({lock});
    }
    return;
  }
  const Copy copy(c.call.target, fd);
  if (!copy) return;
  if (d->kind == Kind::kPipe) {
    const auto state = descriptor_state(c.call.target, fd);
    const int access = state ? state->flags & O_ACCMODE : O_RDWR;
    const StreamEnd end = pipe_end(c, *d, copy);
    if (c.operation.key.empty()) c.operation.key = end.incoming;
    close_end(c, fd, *d, end, access != O_WRONLY, access != O_RDONLY, whole_process);
  } else if (d->kind == Kind::kSocket) {
    if (const auto end = c.model.connections().look(copy.get(), d->inode)) {
      if (c.operation.key.empty()) c.operation.key = end->outgoing;
      close_end(c, fd, *d, *end, true, true, whole_process);
    } else {
      close_listener(c, fd, *d, copy, whole_process);
    }
  }
}

// What it may do in another order, it may do besides what it does anyway.
void complete_potential(Context& c) {
  Footprint& potential = c.operation.potential;
  if (potential.accesses.empty()) return;
  const Footprint& now = c.footprint();
  potential.accesses.insert(potential.accesses.end(), now.accesses.begin(), now.accesses.end());
  potential.needs = now.needs;
}

bool probe_close(Context& c) {
  close_footprint(c, c.fd(0));
  complete_potential(c);
  return true;
}

bool probe_close_range(Context& c) {
  for (int fd : open_descriptors(c.call.target))
    if (static_cast<uint64_t>(fd) >= c.arg(0) && static_cast<uint64_t>(fd) <= c.arg(1))
      close_footprint(c, fd);
  complete_potential(c);
  return true;
}

Handling closes(Context& c) {
  const auto d = describe_argument(c);
  if (!d) return Handling::kLocal;
  if (d->kind == Kind::kPipe || d->kind == Kind::kSocket)
    return c.model.is_ours(*d) ? Handling::kLocal : Handling::kVisible;
  if (!d->is_file() || c.model.is_untouched_system(d->link)) return Handling::kLocal;
  const auto state = descriptor_state(c.call.target, c.fd(0));
  return state && state->locked ? Handling::kVisible : Handling::kLocal;
}

// dup2 onto an open descriptor closes it.
Handling replaces(Context& c) {
  if (c.fd(0) == c.fd(1)) return Handling::kLocal;
  const auto d = describe_argument(c, 1);
  const bool seen =
      d && (d->kind == Kind::kPipe || d->kind == Kind::kSocket) && !c.model.is_ours(*d);
  return seen ? Handling::kVisible : Handling::kLocal;
}

bool probe_replace(Context& c) {
  close_footprint(c, c.fd(1));
  complete_potential(c);
  return true;
}

constexpr ServiceModel::Row kRows[] = {
    {"close", closes, probe_close},
    {"close_range", nullptr, probe_close_range},
    {"dup2", replaces, probe_replace},
    {"dup3", replaces, probe_replace},
    {"pread64", transfers, probe_transfer},
    {"preadv", transfers, probe_transfer},
    {"preadv2", transfers, probe_transfer},
    {"pwrite64", transfers, probe_transfer},
    {"pwritev", transfers, probe_transfer},
    {"pwritev2", transfers, probe_transfer},
    {"read", transfers, probe_transfer},
    {"readv", transfers, probe_transfer},
    {"recvfrom", transfers, probe_transfer},
    {"recvmmsg", transfers, probe_transfer},
    {"recvmsg", transfers, probe_transfer},
    {"sendmmsg", transfers, probe_transfer, count_written},
    {"sendmsg", transfers, probe_transfer, count_written},
    {"sendto", transfers, probe_transfer, count_written},
    {"write", transfers, probe_transfer, count_written},
    {"writev", transfers, probe_transfer, count_written},
};

}  // namespace

std::optional<Descriptor> describe_argument(const ServiceModel::Context& context, int position) {
  return describe(context.call.target, context.fd(position));
}

StreamEnd pipe_end(ServiceModel::Context& c, const Descriptor& d, const DescriptorCopy& copy) {
  StreamEnd end;
  end.incoming = end.outgoing = pipe_stream(c, d);
  int unread = 0;
  ioctl(copy.get(), FIONREAD, &unread);
  end.unread = static_cast<uint64_t>(std::max(unread, 0));
  end.head = c.model.connections().head(end.incoming, end.unread);
  end.tail = c.model.connections().tail(end.outgoing);
  return end;
}

std::optional<Address> own_address(int fd) {
  std::array<std::byte, sizeof(sockaddr_storage)> buffer;
  socklen_t length = buffer.size();
  if (getsockname(fd, reinterpret_cast<sockaddr*>(buffer.data()), &length) != 0)
    return std::nullopt;
  return parse_sockaddr(std::span(buffer.data(), std::min<size_t>(length, buffer.size())));
}

Transfer transfer_of(const ModelledCall& call) {
  const std::string_view name = row_of(call.arguments.call).name;
  const auto& a = call.arguments.values;
  if (name == "pread64" || name == "pwrite64") return {a[2], a[3]};
  if (name == "readv" || name == "writev") return {vector_bytes(call.target, a[1], a[2]), {}};
  if (name == "preadv" || name == "pwritev") return {vector_bytes(call.target, a[1], a[2]), a[3]};
  if (name == "preadv2" || name == "pwritev2") {
    const bool current = static_cast<int64_t>(a[3]) == -1;
    return {vector_bytes(call.target, a[1], a[2]), current ? std::nullopt : std::optional(a[3])};
  }
  if (name == "sendmsg" || name == "recvmsg") return {message_bytes(call.target, a[1]), {}};
  if (name == "sendmmsg" || name == "recvmmsg") {
    uint64_t total = 0;
    for (uint64_t i = 0; i < std::min<uint64_t>(a[2], kMaxVectors); ++i)
      total += message_bytes(call.target, a[1] + i * sizeof(mmsghdr));
    return {total, {}};
  }
  return {a[2], {}};  // read, write, sendto, recvfrom
}

// The whole footprint of a process's end, for exit_group and exec: what their closing does.
void close_descriptors(ServiceModel::Context& context, bool only_on_exec) {
  for (int fd : open_descriptors(context.call.target)) {
    if (only_on_exec) {
      const auto state = descriptor_state(context.call.target, fd);
      if (!state || (state->flags & O_CLOEXEC) == 0) continue;
    }
    close_footprint(context, fd, !only_on_exec);
  }
  complete_potential(context);
}

std::span<const ServiceModel::Row> io_rows() {
  return kRows;
}

}  // namespace fb
