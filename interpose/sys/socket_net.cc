#include "interpose/sys/socket_net.h"

#include "core/base/check.h"
#include "interpose/sys/posix.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>

namespace fb {
namespace {

// What is left of a limit that began at `start`.
Duration rest_of(Duration limit, Instant start, Instant now) {
  if (limit == Duration::max()) return limit;
  return std::max(limit - (now - start), Duration::zero());
}

template <class Raw>
SocketAddress stored(const Raw& raw, size_t size = sizeof(Raw)) {
  SocketAddress address;
  std::memcpy(&address.storage, &raw, size);
  address.size = static_cast<socklen_t>(size);
  return address;
}

Error closed(std::string_view what) {
  return Error{Code::kGone, fmt::format("{}: the connection is closed", what)};
}

}  // namespace

std::string dial_text(const Address& address) {
  if (address == Address::loopback4(address.port)) return fmt::format("localhost:{}", address.port);
  return address.text();
}

Result<SocketAddress> socket_address(const Address& address) {
  switch (address.family) {
    case Address::Family::kIpv4: {
      sockaddr_in raw{};
      raw.sin_family = AF_INET;
      raw.sin_port = htons(address.port);
      std::memcpy(&raw.sin_addr, address.ip.data(), sizeof raw.sin_addr);
      return stored(raw);
    }
    case Address::Family::kIpv6: {
      sockaddr_in6 raw{};
      raw.sin6_family = AF_INET6;
      raw.sin6_port = htons(address.port);
      std::memcpy(&raw.sin6_addr, address.ip.data(), sizeof raw.sin6_addr);
      return stored(raw);
    }
    case Address::Family::kUnix: {
      sockaddr_un raw{};
      raw.sun_family = AF_UNIX;
      const std::string& path = address.unix_path;
      if (path.empty() || path.size() >= sizeof raw.sun_path)
        return invalid(fmt::format("the socket path '{}' is empty or too long", path));
      std::memcpy(raw.sun_path, path.data(), path.size());
      const size_t size = offsetof(sockaddr_un, sun_path) + path.size();
      if (path[0] != '@') return stored(raw, size + 1);
      raw.sun_path[0] = '\0';  // abstract: no path, and no terminator
      return stored(raw, size);
    }
  }
  FB_CHECK(false);
}

bool SocketStream::await(bool readable, Duration limit) {
  struct Waiting {
    SocketStream& stream;
    ~Waiting() {
      if (--stream.waiting_ == 0 && stream.closed_) stream.fd_.reset();
    }
  } waiting{*this};
  ++waiting_;
  return readable ? loop_.await_readable(fd_.get(), limit) : loop_.await_writable(fd_.get(), limit);
}

void SocketStream::close() {
  closed_ = true;
  if (waiting_ == 0) {
    fd_.reset();
  } else {
    ::shutdown(fd_.get(), SHUT_RDWR);  // wakes them; the last one closes
  }
}

Result<size_t> SocketStream::read(std::span<std::byte> into, Duration limit) {
  FB_CHECK(!into.empty());
  const Instant start = loop_.now();
  while (!closed_) {
    const auto n = FB_TRY(posix::read_some(fd_.get(), into));
    if (n) return *n;
    if (!await(true, rest_of(limit, start, loop_.now())))
      return Error{Code::kTimeout, "read: i/o timeout"};
  }
  return closed("read");
}

Status SocketStream::write(std::span<const std::byte> bytes, Duration limit) {
  const Instant start = loop_.now();
  while (!closed_) {
    if (bytes.empty()) return {};
    const auto n = FB_TRY(posix::send_some(fd_.get(), bytes));
    if (n) {
      bytes = bytes.subspan(*n);
    } else if (!await(false, rest_of(limit, start, loop_.now()))) {
      return Error{Code::kTimeout, "write: i/o timeout"};
    }
  }
  return closed("write");
}

Status SocketStream::shutdown_write() {
  if (closed_) return closed("shutdown");
  if (::shutdown(fd_.get(), SHUT_WR) != 0) return posix::error_of(errno, "shutdown");
  return {};
}

Result<std::unique_ptr<SocketStream>> SocketNet::dial(const Address& to, Duration limit,
                                                      const std::function<void(int fd)>& started) {
  const std::string what = "dial " + dial_text(to);
  const SocketAddress raw = FB_TRY(socket_address(to));
  Fd fd(::socket(raw.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return posix::error_of(errno, what);
  if (to.family != Address::Family::kUnix) {
    const int on = 1;  // small requests are not to wait for each other's acknowledgement
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  const int result = ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&raw.storage), raw.size);
  const int refusal = result == 0 ? 0 : errno;
  // EINTR too means: under way.
  const bool under_way = refusal == EINPROGRESS || refusal == EINTR;
  if (refusal != 0 && !under_way) return posix::error_of(refusal, what);
  if (started) started(fd.get());
  if (under_way) {
    if (!loop_.await_writable(fd.get(), limit))
      return Error{Code::kTimeout, what + ": i/o timeout"};
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return posix::error_of(error, what);
  }
  return std::make_unique<SocketStream>(loop_, std::move(fd));
}

Result<std::unique_ptr<Stream>> SocketNet::connect(ActorId, const Address& to, Duration limit) {
  return std::unique_ptr<Stream>(FB_TRY(dial(to, limit)));
}

}  // namespace fb
