// PostgreSQL through a proxy, simple and extended protocol, pipelined. A statement is judged where
// it is executed: at its Query, or at the Bind that makes a portal of it. An injected error leaves
// both ends where a real one would: the server is given something that fails in the statement's
// place, so that its transaction fails too, and its ErrorResponse is replaced by ours; only an idle
// session is answered here alone. Whoever switches to TLS passes unread from there on, as do COPY
// data, replication and cancel requests.
#pragma once
#include "proxies/postgres/codec/message.h"
#include "proxies/proxy/exchange.h"
#include "proxies/proxy/protocol_proxy.h"

#include <cstdint>
#include <map>
#include <string>

namespace fb {

class PostgresSession final : public Session {
 public:
  explicit PostgresSession(SessionHost& host) : host_(host), exchange_(host) {}

  void from_client(std::string_view bytes) override;
  void from_server(std::string_view bytes) override;
  void client_ended() override;
  void server_ended() override;
  size_t held_up() const override { return exchange_.held() + awaiting_.size(); }

 private:
  enum class Phase : uint8_t { kStartup, kAwaitTls, kMessages, kUnread };
  enum class Fate : uint8_t { kUndecided, kPass, kTwice, kDiscard };
  struct Portal {
    std::string sql;
    const ProtocolRule* answer = nullptr;  // we play it ourselves
    std::string again;                     // its Bind message: it is to be executed twice
  };

  size_t startup_packet(std::string_view bytes);
  void decide();
  void decide_simple();
  void decide_bind();
  void decide_in_cycle(uint32_t tag);
  void execute();
  void pass_message(uint32_t tag);
  void discard_message() { fate_ = Fate::kDiscard; }
  void end_message();
  void ours(std::string bytes);
  bool drops(const ProtocolRule& rule);
  bool is_idle() const;
  bool cycle_has_failed() const;
  bool wants_binary() const;

  void server_head();
  void server_end();
  void lose(std::string_view why, bool is_tls = false);

  SessionHost& host_;
  Exchange exchange_;

  Phase phase_ = Phase::kStartup;
  std::string awaiting_;  // client bytes of a startup packet, or while TLS is negotiated
  PostgresReader client_;
  Fate fate_ = Fate::kUndecided;
  std::string head_;  // of the present client message
  std::string body_;  // its first bytes
  std::string copy_;
  std::map<std::string, std::string> statements_;  // by name
  std::map<std::string, Portal> portals_;
  bool copying_in_ = false;
  // Cycles of the extended protocol end with Sync.
  uint64_t cycles_sent_ = 0, cycles_done_ = 0;
  bool cycle_failed_ = false;  // the server discards what comes before the next Sync
  bool error_sent_ = false;    // we have made the present cycle fail

  PostgresReader server_;
  enum class To : uint8_t { kAside, kReply, kNowhere };
  To to_ = To::kAside;
  std::string server_head_;
  char last_byte_ = 0;  // of the server's message: the state in a ReadyForQuery
  bool starting_ = true;
  char state_ = 'I';
  bool replies_unread_ = false;
};

}  // namespace fb
