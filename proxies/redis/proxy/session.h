// Redis through a proxy, RESP2 and RESP3: pipelines, transactions, subscriptions, replies switched
// off. A command is judged when its name and key are known; its value streams. An error injected
// into a transaction makes its EXEC fail as a real one does, so that nothing of it is committed.
#pragma once
#include "proxies/proxy/exchange.h"
#include "proxies/proxy/protocol_proxy.h"
#include "proxies/redis/codec/reply_reader.h"
#include "proxies/redis/codec/request_reader.h"

#include <string>

namespace fb {

class RedisSession final : public Session {
 public:
  explicit RedisSession(SessionHost& host) : host_(host), exchange_(host) {}

  void from_client(std::string_view bytes) override;
  void from_server(std::string_view bytes) override;
  void client_ended() override;
  void server_ended() override;
  size_t held_up() const override { return exchange_.held(); }

 private:
  enum class Fate : uint8_t { kUndecided, kPass, kTwice, kDiscard };
  // CLIENT REPLY: how many replies the client gets.
  enum class Replies : uint8_t { kOn, kOff, kSkipNext };

  void bytes_of_command(std::string_view bytes);
  void decide();
  bool act(const ProtocolRule& rule);
  void pass_command();
  void end_command();
  bool answers();
  void answer(std::string reply);
  void follow_state();
  void lose(std::string_view why, bool is_tls = false);
  void reply_bytes(std::string_view bytes);
  void end_reply();

  SessionHost& host_;
  Exchange exchange_;

  RedisRequestReader requests_;
  Fate fate_ = Fate::kUndecided;
  std::string pending_;  // bytes of the present command, undecided
  std::string copy_;     // of a command that is to be sent twice
  bool unread_ = false;
  Replies replies_ = Replies::kOn;
  bool in_transaction_ = false;
  bool transaction_failed_ = false;  // by us

  RedisReplyReader reader_;
  bool replies_unread_ = false;
  bool aside_ = false;       // the present reply is none: a push, a message
  bool kind_known_ = false;  // of the present reply
  std::string start_;        // of a reply of unknown kind
  bool resp3_ = false;
  bool subscribed_ = false;
};

Status check_redis_rule(const ProtocolRule& rule);

}  // namespace fb
