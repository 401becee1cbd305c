// Follows what services tell each other where order is free (spec §17.3, causality "full"): of a
// call that is about to be made it says which objects it will write and what it will learn from, as
// the footprint from which the Scheduler draws the arrows. An arrow is never drawn on a guess:
//
//  * a call that would wait for somebody else waits here, unlogged, until there is something to
//    find, so that what it finds is known before its event is written;
//  * a call does not look while another one is under way whose effect it would meet (in_flight.h);
//  * bytes are matched by their offsets in the stream, datagrams by their contents, connections by
//    their addresses (accepted here, for the caller), files by device and inode.
//
// Relations inside one service need no arrows: a service is one host of the clock.
#pragma once
#include "interpose/follow/datagrams.h"
#include "interpose/follow/in_flight.h"
#include "interpose/follow/streams.h"
#include "interpose/footprint/call_model.h"
#include "interpose/footprint/descriptor.h"
#include "interpose/footprint/service_model.h"
#include "interpose/partition/taken_connection.h"
#include "interpose/sys/fd.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

namespace fb {

class Follower {
 public:
  Follower() : files_(connections_) {}
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  // Which calls the filter of a followed service must notify.
  static const SyscallSet& calls();

  enum class State {
    kReady,    // it may go; the footprint is filled in
    kWaits,    // for somebody else
    kClashes,  // with a call that is under way
  };
  struct Look {
    State state = State::kReady;
    Fd waits_for;  // kWaits: readable when there is something; empty: cannot be watched
    std::optional<TakenConnection> taken;  // the accept has been made
    CallsInFlight::Call under_way;         // for goes(); without a thread: nothing to guard
  };
  Look look(const ModelledCall& call, const std::shared_ptr<SupervisedThread>& thread,
            Operation& operation, Instant now);
  // The call is made now.
  void goes(Look& look, Instant now);
  // The thread asks for its next call.
  void came_back(int tid);

  // --- the driver's own steps
  FollowedStreams& streams() { return streams_; }
  static ObjectKey listener_key(const Address& address);
  // The driver connects: what the accept of it will learn from.
  ObjectKey connected(uint64_t socket, const Address& local);

 private:
  struct Context;
  struct Connecting {
    uint64_t socket = 0;
    std::shared_ptr<SupervisedThread> thread;  // null: the driver's
    int fd = -1;
    Address to;
    std::optional<Address> local;
  };
  void look_at(Context& context);
  void transfer(Context& context, const Descriptor& descriptor);
  void stream_transfer(Context& context, const FollowedEnd& end, int fd, bool socket);
  void datagram_sent(Context& context, int fd);
  void datagram_received(Context& context, int fd);
  void files(Context& context);
  void connect(Context& context);
  void accept(Context& context);
  void listen(Context& context);
  void ends(Context& context, int number);
  void resolve(Connecting& connecting);
  static ObjectKey connect_key(uint64_t socket);

  Connections connections_;  // of files_, which is asked about files only
  ServiceModel files_;
  FollowedStreams streams_;
  DatagramsOnTheirWay datagrams_;
  CallsInFlight in_flight_;
  std::deque<Connecting> connecting_;
};

}  // namespace fb
