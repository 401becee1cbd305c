// One proxied connection as its protocol sees it: bytes of either side come in, bytes for either
// side go out. No sockets, no clock of its own: a Session is driven by whoever has them
// (connection.h), by tests and by fuzzers alike. It promises:
//
//   * without a rule that fires, each side gets exactly the bytes that the other one sent, as soon
//     as they are understood;
//   * a message is judged once, when its head is complete, by the rules in force then;
//   * bytes that are no message of the protocol are passed on unread from there on, and told of
//     (SessionHost::lost_track). Nothing that comes from outside ends the proxy.
#pragma once
#include "core/base/time.h"
#include "core/model/protocol_rule.h"
#include "core/runtime/proxying.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace fb {

// How a proxy ends a connection towards the client.
enum class Ending : uint8_t {
  kClose,  // end of stream, after all that was sent
  kReset,  // at once
};

// What a Session may do.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  virtual void to_server(std::string_view bytes) = 0;
  virtual void to_client(std::string_view bytes) = 0;
  // The client has ended its stream, and all it sent is passed on.
  virtual void finish_server() = 0;
  // The server has ended its stream, and all it sent is passed on.
  virtual void finish_client() = 0;
  // The proxy itself ends the connection: the client sees `how`; what it sends after that goes
  // nowhere, and the server sees an end of stream. The session is not called again.
  virtual void end(Ending how) = 0;

  // Whether it makes sense to judge() now; saves taking messages apart for nothing.
  virtual bool watched(ProtocolActions actions = kAnyProtocolAction) const = 0;
  // A message with these match keys, by kMessageActions.
  MessageVerdict judge(std::span<const MessageKey> keys) { return judge(Asked{.keys = keys}); }
  struct Asked {
    std::span<const MessageKey> keys;
    ProtocolActions actions = kMessageActions;
    std::string_view named_by = {};  // a message of the handshake: as ProxiedMessage::named_by
    FlowDirection direction = FlowDirection::kBoth;
    std::set<const ProtocolRuleState*>* before = nullptr;  // as ProxiedMessage::asked
  };
  virtual MessageVerdict judge(const Asked& asked) = 0;
  virtual bool in_force(const ProtocolRuleState& rule) const = 0;
  // The k-th (from 1) further value of a decision, in [0, 1).
  virtual double draw(const MessageVerdict& verdict, unsigned k) = 0;
  // Calls `go` once: after the verdict's delay, or when the scope of one of its delays ends.
  virtual void after_delay(const MessageVerdict& verdict, std::function<void()> go) = 0;
  // Calls `go` after the time.
  virtual void after(Duration time, std::function<void()> go) = 0;

  // Sends the bytes to the server on a connection of their own; calls `done` when the server has
  // ended that one, or does not within some seconds. What it answers goes nowhere.
  virtual void send_elsewhere(std::string bytes, std::function<void()> done) = 0;

  // From here on bytes pass unread, because of `why` ("no request line: \x16\x03\x01"). If rules
  // apply, and the bytes are TLS, the test fails.
  virtual void lost_track(std::string_view why, bool is_tls) = 0;
  // A rule fired that cannot be carried out here ("inside MULTI"): the test fails.
  virtual void unfilterable(std::string_view why) = 0;
};

class Session {
 public:
  virtual ~Session() = default;
  virtual void from_client(std::string_view bytes) = 0;
  virtual void from_server(std::string_view bytes) = 0;
  virtual void client_ended() = 0;
  virtual void server_ended() = 0;
  // Bytes it keeps back for the server and for the client, for back-pressure.
  virtual size_t held_up() const = 0;
  virtual size_t held_down() const { return 0; }
};

// Whether a stream begins like TLS (a handshake record).
inline bool looks_like_tls(std::string_view bytes) {
  return bytes.size() >= 2 && bytes[0] == 0x16 && bytes[1] == 0x03;
}

}  // namespace fb
