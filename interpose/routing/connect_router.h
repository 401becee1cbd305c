// Brings the connections that services and steps make to an interface with a proxy to that proxy,
// whatever address they use and without changing what they see.
//
//   connect(fd, 127.0.0.1:6379) of a service, held at its notification
//     1 dial the server at that very address      refused → so is the service's connect
//     2 connect the service's own socket to our listener, through a duplicate: epoll sets, options
//       and flags of the service stay what they are; answer with the result (0, EINPROGRESS)
//     3 accept the other end, known by its address; hand both halves to the ProxyFront
//
// The kernel never reads the target's memory again, so there is no race. Who connected is known
// exactly. getpeername() of such a socket is answered with the address the service asked for.
#pragma once
#include "core/model/address.h"
#include "core/model/topology.h"
#include "core/runtime/proxying.h"
#include "interpose/decode/decode.h"
#include "interpose/sys/epoll_loop.h"
#include "interpose/sys/socket_net.h"

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace fb {

class ConnectRouter {
 public:
  // Error: no listener can be made.
  static Result<std::unique_ptr<ConnectRouter>> create(EpollLoop& loop, const Topology& topology,
                                                       ProxyFront& front);
  ConnectRouter(const ConnectRouter&) = delete;
  ConnectRouter& operator=(const ConnectRouter&) = delete;

  // The interface with a proxy that is reached under the address, if there is one.
  std::optional<InterfaceId> proxied(const Address& to) const;

  // A connect of a service to such an address. What the call returns: 0 or an errno; empty: leave
  // it to the kernel (no stream socket, or out of reach).
  std::optional<int> connect(ServiceId source, const Target& target, int fd, const Address& to);
  // A getpeername of a service: the bytes and the length to be written into its memory; empty: not
  // of a routed socket.
  std::optional<Address> asked_for(const Target& target, int fd) const;

  // A step's connection, in a fiber. As Net::connect.
  Result<std::unique_ptr<Stream>> connect_step(const Address& to, InterfaceId target,
                                               Duration limit);

 private:
  // Handshakes whose other end has not come out of the listener's queue yet.
  struct Expected {
    Address from;
    ServiceId source;
    InterfaceId target;
    Address to;  // the server's
    Fd server;
  };
  struct Listening {
    Fd fd;
    uint16_t port = 0;
    std::unique_ptr<EpollLoop::Watch> watch;
  };
  ConnectRouter(EpollLoop& loop, const Topology& topology, ProxyFront& front);
  Status listen(Listening& listening, int family);
  Result<Fd> dial(const Address& to) const;
  // Connects our or the service's socket to the listener of its family.
  int connect_to_listener(int fd) const;
  // The handshake of `fd` is one that is to come out of a listener's queue.
  void expect(int fd, Expected connection);
  void accept_all(Listening& listening);

  EpollLoop& loop_;
  const Topology& topology_;
  ProxyFront& front_;
  SocketNet net_;
  Listening v4_, v6_;
  std::list<Expected> expected_;
  std::map<uint64_t, Address> asked_for_;  // by inode of the service's socket
};

}  // namespace fb
