// Partitions of local processes, as their sockets meet them. What exists when a partition opens is
// looked up in the tables of both services' processes; what comes to be later passes here as a
// connect, accept or bind that is about to be made. No process is stopped, nothing is written to
// it.
//
//   stream, refused in both directions   reset at both ends
//   stream, withheld                     packet filter on the receiving end
//   connect, dropped                     packet filter on the connecting socket: the answer to its
//                                        SYN is lost, so that blocking and nonblocking connects
//                                        alike wait as on a dead network, and go through when
//                                        healed
//   datagrams                            answered by the supervisor where it sees their
//   destination;
//                                        a filter on the receiving socket takes what is written to
//                                        a connected one
//
// Each change of the partitions computes the whole state anew, so that scopes may close in any
// order.
#pragma once
#include "core/runtime/network_cut.h"
#include "interpose/decode/target.h"
#include "interpose/partition/inet_sockets.h"
#include "interpose/partition/packet_filter.h"
#include "interpose/partition/retransmission.h"
#include "interpose/partition/service_processes.h"
#include "interpose/partition/taken_connection.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace fb {

class SocketCut final : public NetworkCut {
 public:
  // The service has been (re)started.
  void started(ServiceId service, int main_pid) { processes_.started(service, main_pid); }

  Status enforce(const PartitionSet& partitions) override;
  std::optional<ServiceId> owner(const Address& address, bool datagram) override;

  // A connect is about to be made: to be lost, or allowed (perhaps by a rule that shields it from a
  // partition).
  struct Connect {
    ServiceId service;
    const Target& target;
    int fd = -1;
    const Address& peer;
    bool dropped = false;
  };
  void before_connect(const PartitionSet& partitions, const Connect& connect);
  // A connect goes its way, whether or not a partition is open: one that opens at this moment must
  // not miss it.
  void passes(const Connect& connect);
  // An accept is about to be made. While connections are withheld that no service has accepted yet
  // they are accepted here; otherwise, and when none waits, empty.
  std::optional<TakenConnection> take_unaccepted(const Target& target, const CallArguments& accept);
  // The service gets a connection that was accepted here.
  void before_accepted(const PartitionSet& partitions, ServiceId service,
                       const TakenConnection& taken);
  void before_bind(const PartitionSet& partitions, const Target& target, int fd);

 private:
  // What was done to a socket.
  struct Treatment {
    ServiceId service;
    PacketFilter filter;          // empty: none
    std::optional<Address> peer;  // that it tries to connect to
    std::optional<RetransmissionSettings> before;
  };
  using Treatments = std::map<uint64_t, Treatment>;  // by inode

  Result<std::vector<InetSocket>> survey(const std::vector<ServiceId>& services) const;
  Status treat_all(const PartitionSet& partitions);
  Status treat_stream(const PartitionSet& partitions, const std::vector<InetSocket>& all,
                      const InetSocket& socket, Treatments& treated);
  Status treat_datagrams(const PartitionSet& partitions, const std::vector<InetSocket>& all,
                         const InetSocket& socket, Treatments& treated);
  Status change(int fd, const InetSocket& socket, PacketFilter filter, bool hasten,
                std::optional<Address> peer, Treatments& treated);

  // Connects that may not have taken effect yet.
  struct Passed {
    ServiceId service;
    int tid = 0;
    int fd = -1;
    Address peer;
  };
  void await_passed();

  ServiceProcesses processes_;
  std::deque<Passed> passed_;  // the latest few
  Treatments treatments_;
  bool unaccepted_ = false;  // the other end of a withheld connection is held by nobody
};

}  // namespace fb
