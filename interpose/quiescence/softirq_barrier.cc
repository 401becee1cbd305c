#include "interpose/quiescence/softirq_barrier.h"

#include "core/model/errno_table.h"

#include <arpa/inet.h>
#include <cerrno>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace fb {

Result<SoftirqBarrier> SoftirqBarrier::create() {
  Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (!fd || bind(fd.get(), generic, size) != 0 || getsockname(fd.get(), generic, &size) != 0 ||
      connect(fd.get(), generic, size) != 0)
    return failed(fmt::format("a datagram socket to ourselves: {}", errno_text(errno)));
  return SoftirqBarrier(std::move(fd));
}

bool SoftirqBarrier::passed() {
  const char token = 1;
  if (!under_way_ && send(socket_.get(), &token, 1, 0) != 1) return false;
  char received = 0;
  under_way_ = recv(socket_.get(), &received, 1, 0) != 1;
  return !under_way_;
}

}  // namespace fb
