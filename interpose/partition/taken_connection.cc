#include "interpose/partition/taken_connection.h"

#include <algorithm>
#include <array>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace fb {
namespace {

// Another thread of the service may be faster. Then the call must not keep the supervisor waiting,
// and whether it waits is a property of the listener that both share.
class BriefWait {
 public:
  explicit BriefWait(int listener) : listener_(listener) {
    socklen_t length = sizeof before_;
    getsockopt(listener_, SOL_SOCKET, SO_RCVTIMEO, &before_, &length);
    const timeval brief{0, 1000};
    setsockopt(listener_, SOL_SOCKET, SO_RCVTIMEO, &brief, sizeof brief);
  }
  ~BriefWait() { setsockopt(listener_, SOL_SOCKET, SO_RCVTIMEO, &before_, sizeof before_); }
  BriefWait(const BriefWait&) = delete;
  BriefWait& operator=(const BriefWait&) = delete;

 private:
  int listener_;
  timeval before_{};
};

template <class T>
Return::Write write_of(uint64_t address, std::span<const T> values) {
  const auto bytes = std::as_bytes(values);
  return {address, {bytes.begin(), bytes.end()}};
}

// Empty: the kernel would refuse these arguments.
std::optional<std::vector<Return::Write>> peer_for(const Target& target,
                                                   const CallArguments& accept, int connection) {
  const uint64_t address = accept.values[1], length_address = accept.values[2];
  if (address == 0) return std::vector<Return::Write>{};
  std::array<std::byte, sizeof(sockaddr_storage)> name;
  socklen_t length = name.size();
  const auto room = target.read_value<int>(length_address);
  if (!room || *room < 0 ||
      getpeername(connection, reinterpret_cast<sockaddr*>(name.data()), &length) != 0)
    return std::nullopt;
  const size_t shown = std::min<size_t>(length, static_cast<size_t>(*room));
  return std::vector<Return::Write>{
      write_of(address, std::span<const std::byte>(name).first(shown)),
      write_of(length_address, std::span<const socklen_t>(&length, 1))};
}

}  // namespace

std::optional<TakenConnection> take_connection(const Target& target, const CallArguments& accept) {
  const bool has_flags = row_of(accept.call).name == "accept4";
  const int flags = has_flags ? static_cast<int>(accept.values[3]) : 0;
  if ((flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) != 0) return std::nullopt;
  if (accept.values[1] != 0 && !target.read_value<int>(accept.values[2])) return std::nullopt;
  const Fd listener(target.duplicate(accept.fd(0)));
  int listens = 0;
  socklen_t size = sizeof listens;
  if (!listener || getsockopt(listener.get(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 ||
      listens == 0)
    return std::nullopt;
  pollfd waiting{listener.get(), POLLIN, 0};
  if (poll(&waiting, 1, 0) <= 0) return std::nullopt;
  TakenConnection taken;
  {
    const BriefWait brief(listener.get());
    taken.fd = Fd(accept4(listener.get(), nullptr, nullptr, flags | SOCK_CLOEXEC));
  }
  if (!taken.fd) return std::nullopt;
  taken.close_on_exec = (flags & SOCK_CLOEXEC) != 0;
  taken.writes = peer_for(target, accept, taken.fd.get()).value_or(std::vector<Return::Write>{});
  return taken;
}

}  // namespace fb
