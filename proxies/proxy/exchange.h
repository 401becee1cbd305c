// Requests and replies of one connection that answers in order, and what becomes of them: the half
// of a Session that every such protocol shares. The codec says what it has seen; the Exchange keeps
// the order.
//
//   client → server   a lane of things to do in order: bytes to pass on, reply slots to open,
//   holds.
//                     Without a hold each is done at once.
//   server → client   a queue of reply slots in the order of the requests. A slot is passed on,
//                     swallowed, or filled by us; one of ours is sent when all earlier replies are
//                     out.
//
//   codec                         Exchange
//   GET a\r\n           pass("GET a\r\n"), expect({pass})
//   SET b (error rule)            expect({ours, "-READONLY\r\n"})     nothing passes
//   GET c (delay rule)            hold(verdict), pass(…), expect({pass})
//   reply to GET a      front() → reply("$1\r\nx\r\n"), reply_done()  → ours goes out too
//
// Bytes may be passed in any pieces. A reply for which there is no slot is the codec's to judge:
// pushes and errors before a close go aside().
#pragma once
#include "proxies/proxy/session.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace fb {

struct ReplySlot {
  enum class Kind : uint8_t {
    kPass,     // the server's reply goes to the client
    kSwallow,  // the server's reply goes nowhere
    kOurs,     // `bytes` are the reply; the server has none
    kEnd,      // the connection ends here, after `bytes`
  };
  Kind kind = Kind::kPass;
  std::string bytes;
  Ending ending = Ending::kClose;
  // kPass: the reply is kept back until the next slot is done too, so that whoever sees it may
  // count on both (duplicates).
  bool with_next = false;
  uint32_t tag = 0;                    // the codec's own: what kind of reply is awaited
  const ProtocolRule* rule = nullptr;  // the codec's own: how to change the reply
};

class Exchange {
 public:
  explicit Exchange(SessionHost& host) : host_(host) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // --- requests, in the client's order
  void pass(std::string_view bytes);
  void expect(ReplySlot slot);
  // All that follows waits. A verdict without delay holds nothing.
  void hold(const MessageVerdict& verdict);
  void client_ended();

  // --- replies
  // The slot of the server's present reply; null: none is awaited.
  const ReplySlot* front() const;
  void reply(std::string_view bytes);
  void reply_done();
  // The server will not answer what comes before the first slot with the tag: those slots go away.
  // A slot that ends the connection stays.
  void skip_to(uint32_t tag);
  // Takes away the first slot with the tag. False: there is none.
  bool forget(uint32_t tag);
  // Bytes of the server outside any reply.
  void aside(std::string_view bytes);
  void server_ended();

  // Slots opened and not yet done, also those still in the lane.
  size_t outstanding() const { return slots_.size() + lane_slots_; }
  size_t held() const { return lane_bytes_; }
  // The connection is over: a slot said so.
  bool over() const { return over_; }

 private:
  struct Hold {
    MessageVerdict verdict;
    bool begun = false;
  };
  struct End {};
  using Item = std::variant<std::string, ReplySlot, Hold, End>;

  void work();
  void open(ReplySlot slot);
  void fill();
  void release_kept();

  SessionHost& host_;
  std::deque<Item> lane_;
  size_t lane_bytes_ = 0;
  size_t lane_slots_ = 0;
  std::deque<ReplySlot> slots_;
  std::string kept_;  // of a slot with_next
  bool keeping_ = false;
  bool over_ = false;
};

}  // namespace fb
