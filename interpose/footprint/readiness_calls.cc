// Waiting until one of several descriptors is ready.
#include "interpose/footprint/descriptor_calls.h"

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <fmt/format.h>
#include <poll.h>
#include <sys/select.h>

namespace fb {
namespace {

using Context = ServiceModel::Context;
using Handling = CallModel::Handling;
using Kind = Descriptor::Kind;
using Copy = DescriptorCopy;

struct Member {
  int fd;
  short events;
};

constexpr uint64_t kMaxPolled = 4096;

std::vector<pollfd> polled(const Context& c) {
  std::vector<pollfd> entries(std::min<uint64_t>(c.arg(1), kMaxPolled));
  const size_t got =
      c.call.target.read_memory(c.arg(0), std::as_writable_bytes(std::span(entries)));
  entries.resize(got / sizeof(pollfd));
  return entries;
}

// The sets of select, in words as the kernel copies them.
std::vector<unsigned long> selected(const Context& c, int position) {
  constexpr size_t kBits = sizeof(unsigned long) * CHAR_BIT;
  const auto count = std::min<uint64_t>(c.arg(0), FD_SETSIZE);
  std::vector<unsigned long> words((count + kBits - 1) / kBits);
  if (c.arg(position) == 0) return {};
  const size_t got =
      c.call.target.read_memory(c.arg(position), std::as_writable_bytes(std::span(words)));
  words.resize(got / sizeof(unsigned long));
  return words;
}

std::vector<Member> members(const Context& c) {
  std::vector<Member> all;
  if (c.name() == "poll" || c.name() == "ppoll") {
    for (const pollfd& entry : polled(c))
      if (entry.fd >= 0) all.push_back({entry.fd, entry.events});
    return all;
  }
  constexpr short kEvents[] = {POLLIN, POLLOUT, POLLPRI};
  constexpr size_t kBits = sizeof(unsigned long) * CHAR_BIT;
  for (int set = 0; set < 3; ++set) {
    const auto words = selected(c, set + 1);
    for (size_t bit = 0; bit < words.size() * kBits && bit < c.arg(0); ++bit)
      if ((words[bit / kBits] >> (bit % kBits) & 1) != 0)
        all.push_back({static_cast<int>(bit), kEvents[set]});
  }
  return all;
}

bool is_zero_wait(const Context& c) {
  const auto limit = wait_limit(c.call);
  return limit && *limit <= Duration::zero();
}

// What made this member ready; or, for a question that does not wait, what would have.
// Then it counts as well whether another reader has taken it.
void need_ready(Context& c, int fd, bool is_ready = true) {
  const auto d = describe(c.call.target, fd);
  if (!d) return;
  auto need = [&](Access access) {
    c.footprint().accesses.push_back(access);
    if (is_ready) c.footprint().needs.push_back(access);
  };
  const Copy copy(c.call.target, fd);
  if (!copy) return;
  if (d->kind == Kind::kEventfd) {
    need({object::eventfds(c.process().service)});
    return;
  }
  std::optional<StreamEnd> end;
  if (d->kind == Kind::kPipe && !c.model.is_ours(*d)) end = pipe_end(c, *d, copy);
  if (d->kind == Kind::kSocket && !c.model.is_ours(*d)) {
    end = c.model.connections().look(copy.get(), d->inode);
    if (!end) {
      const auto address = own_address(copy.get());
      if (!address) return;
      const std::string listener = c.model.connections().listener_at(*address);
      const uint64_t place = c.model.connections().accepts(listener);
      if (is_zero_wait(c)) c.footprint().read(object::head(listener));
      need({object::backlog(listener), AccessMode::kRead, place, place + 1});
      return;
    }
  }
  if (!end) return;
  if (is_zero_wait(c)) c.footprint().read(object::head(end->incoming));
  if (end->unread > 0 || !is_ready)
    need({object::bytes(end->incoming), AccessMode::kRead, end->head, end->head + 1});
  if (end->unread == 0) need({object::end(end->incoming)});
}

bool probe_poll(Context& c) {
  bool ready = false;
  c.operation.key = "poll";
  for (const Member& member : members(c)) {
    const Copy copy(c.call.target, member.fd);
    if (!copy) {
      ready = true;  // POLLNVAL, or EBADF
      continue;
    }
    const short revents = copy.poll_for(member.events);
    if (revents == 0) {
      // Its answer counts: nothing has come yet.
      if (is_zero_wait(c) && (member.events & POLLIN) != 0) need_ready(c, member.fd, false);
      continue;
    }
    ready = true;
    if ((revents & (POLLIN | POLLHUP | POLLERR)) != 0 && (member.events & POLLIN) != 0)
      need_ready(c, member.fd);
  }
  return ready || c.call.timed_out || is_zero_wait(c);
}

// Readable members of an epoll set, from its fdinfo.
std::vector<int> epoll_members(const Target& target, int epoll_fd) {
  std::vector<int> fds;
  const auto text = target.text(fmt::format("fdinfo/{}", epoll_fd).c_str());
  if (!text) return fds;
  constexpr std::string_view kKey = "tfd:";
  for (size_t at = text->find(kKey); at != std::string::npos; at = text->find(kKey, at + 1))
    fds.push_back(std::atoi(text->c_str() + at + kKey.size()));
  // The kernel lists them by address.
  std::sort(fds.begin(), fds.end());
  return fds;
}

bool probe_epoll(Context& c) {
  const Copy copy(c.call.target, c.fd(0));
  c.operation.key = "epoll";
  if (!copy) return true;
  const bool ready = copy.poll_for(POLLIN) != 0;
  if (ready) {
    for (int fd : epoll_members(c.call.target, c.fd(0))) {
      const auto events = poll_now(c.call.target, fd, POLLIN);
      if (events && *events != 0) need_ready(c, fd);
    }
    if (const uint64_t connects = c.model.connects(c.process()); connects != 0) {
      const Access connected{object::connected(c.process().text()), AccessMode::kRead, 0, connects};
      c.footprint().accesses.push_back(connected);
      c.footprint().needs.push_back(connected);
    }
  }
  return ready || c.call.timed_out || is_zero_wait(c);
}

Handling waits_ready(Context& c) {
  if (is_zero_wait(c)) return Handling::kLocal;
  c.model.waits_for_readiness(c.process());
  return Handling::kVisible;
}

// Checking readiness without waiting. Of an event set, runtimes do it all the time, and what they
// miss the next look finds; of single descriptors it is a question whose answer counts.
Handling epoll_waits(Context& c) {
  return waits_ready(c);
}

Handling polls(Context& c) {
  if (!is_zero_wait(c)) return waits_ready(c);
  return c.model.is_reactive(c.process()) ? Handling::kLocal : Handling::kVisible;
}

std::vector<std::byte> zeroes_like(const std::vector<unsigned long>& words) {
  return std::vector<std::byte>(words.size() * sizeof(unsigned long));
}

// Its time is up (the real clock must not be asked): nothing is ready.
Decision poll_goes(Context& c) {
  if (!c.call.timed_out) return Allow{};
  for (const Member& member : members(c)) {
    const auto events = poll_now(c.call.target, member.fd, member.events);
    if (!events || *events != 0) return Allow{};
  }
  Return none;
  if (c.name() == "poll" || c.name() == "ppoll") {
    auto entries = polled(c);
    for (pollfd& entry : entries) entry.revents = 0;
    const auto bytes = std::as_bytes(std::span(entries));
    if (!entries.empty()) none.writes.push_back({c.arg(0), {bytes.begin(), bytes.end()}});
  } else {
    for (int set = 1; set <= 3; ++set)
      if (const auto words = selected(c, set); !words.empty())
        none.writes.push_back({c.arg(set), zeroes_like(words)});
  }
  return none;
}

Decision epoll_goes(Context& c) {
  if (!c.call.timed_out) return Allow{};
  const Copy copy(c.call.target, c.fd(0));
  if (!copy || copy.poll_for(POLLIN) != 0) return Allow{};
  return Return{};
}

constexpr ServiceModel::Row kRows[] = {
    {"epoll_pwait", epoll_waits, probe_epoll, epoll_goes},
    {"epoll_pwait2", epoll_waits, probe_epoll, epoll_goes},
    {"epoll_wait", epoll_waits, probe_epoll, epoll_goes},
    {"poll", polls, probe_poll, poll_goes},
    {"ppoll", polls, probe_poll, poll_goes},
    {"pselect6", polls, probe_poll, poll_goes},
    {"select", polls, probe_poll, poll_goes},
};

}  // namespace

std::span<const ServiceModel::Row> readiness_rows() {
  return kRows;
}

}  // namespace fb
