// One end of a stream connection, handled by events instead of by a fiber that waits: what a proxy
// needs for thousands of messages. Tells its owner of what arrives; takes what is to be sent and
// keeps what the network does not take at once. End of stream and reset are different things in
// both directions and never become each other. interpose/sys/socket_duplex.h implements it.
#pragma once
#include <cstddef>
#include <string_view>

namespace fb {

class Duplex {
 public:
  // Called from the loop, never from inside a call of the Duplex. An owner may end the Duplex
  // (destroy it) from inside.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void received(std::string_view bytes) = 0;
    virtual void ended() = 0;    // the other side sends no more; it may still read
    virtual void broken() = 0;   // reset, or gone: nothing comes and nothing can be sent any more
    virtual void drained() = 0;  // what was unsent is sent
  };

  virtual ~Duplex() = default;  // closes: what is unsent is lost
  // Starts telling. Once.
  virtual void start(Owner& owner) = 0;
  virtual void send(std::string_view bytes) = 0;
  // Bytes that the network has not taken yet.
  virtual size_t unsent() const = 0;
  // While paused nothing is received: the other side is slowed down by its own network.
  virtual void pause() = 0;
  virtual void resume() = 0;
  // No more will be sent: the other side sees the end of the stream after all that was sent.
  virtual void finish() = 0;
  // The other side sees a reset, now.
  virtual void reset() = 0;
};

}  // namespace fb
