// Net over nonblocking sockets on an EpollLoop: what a step's or a proxy's I/O is when nobody
// controls the order. Streams show their descriptor, so that a controlled Net can be put on top.
#pragma once
#include "core/runtime/net.h"
#include "interpose/sys/epoll_loop.h"
#include "interpose/sys/fd.h"

#include <functional>
#include <memory>
#include <sys/socket.h>

namespace fb {

// "localhost:7000" for 127.0.0.1, as specs write it; else the address as it is.
std::string dial_text(const Address& address);

// An Address as the kernel wants it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};
Result<SocketAddress> socket_address(const Address& address);

class SocketStream final : public Stream {
 public:
  // `fd` is a connected, nonblocking socket.
  SocketStream(EpollLoop& loop, Fd fd) : loop_(loop), fd_(std::move(fd)) {}
  // One fiber may read while another writes, and a third may close: the others' calls then fail.
  Result<size_t> read(std::span<std::byte> into, Duration limit) override;
  Status write(std::span<const std::byte> bytes, Duration limit) override;
  Status shutdown_write() override;
  void close() override;

  int fd() const { return fd_.get(); }

 private:
  bool await(bool readable, Duration limit);

  EpollLoop& loop_;
  Fd fd_;
  bool closed_ = false;
  int waiting_ = 0;  // fibers; the descriptor must not be closed under them
};

class SocketNet final : public Net {
 public:
  explicit SocketNet(EpollLoop& loop) : loop_(loop) {}
  // `actor` plays no part here: order is free.
  Result<std::unique_ptr<Stream>> connect(ActorId actor, const Address& to,
                                          Duration limit) override;
  // `started` is told of the socket as soon as it has its own address, before the wait.
  Result<std::unique_ptr<SocketStream>> dial(const Address& to, Duration limit,
                                             const std::function<void(int fd)>& started = {});

 private:
  EpollLoop& loop_;
};

}  // namespace fb
