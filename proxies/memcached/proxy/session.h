// Memcached through a proxy: text, meta and binary commands. Requests that may stay unanswered
// (quiet ones) leave no trace in the order of replies; before a reply of ours the server is asked
// for a sign (`mn`, a binary no-op), whose answer keeps the place.
#pragma once
#include "proxies/memcached/codec/request.h"
#include "proxies/proxy/exchange.h"
#include "proxies/proxy/protocol_proxy.h"

#include <cstdint>
#include <optional>
#include <string>

namespace fb {

class MemcachedSession final : public Session {
 public:
  explicit MemcachedSession(SessionHost& host) : host_(host), exchange_(host) {}

  void from_client(std::string_view bytes) override;
  void from_server(std::string_view bytes) override;
  void client_ended() override;
  void server_ended() override;
  size_t held_up() const override { return exchange_.held(); }

 private:
  enum class Dialect : uint8_t { kUnknown, kText, kBinary, kUnread };
  enum class Fate : uint8_t { kPass, kTwice, kDiscard };

  size_t take_head(std::string_view bytes);
  void decide();
  bool act(const ProtocolRule& rule);
  void pass_request();
  void end_request();
  void answer(std::string reply);
  ReplySlot slot_of_request(ReplySlot::Kind kind) const;
  std::string answer_text(const ProtocolRule& rule) const;
  std::string answer_binary(const ProtocolRule& rule) const;
  std::string hit(const std::string& value) const;

  size_t reply_head(std::string_view bytes);
  void text_line(std::string_view line);
  void binary_head();
  void lose(std::string_view why, bool is_tls = false);

  SessionHost& host_;
  Exchange exchange_;

  Dialect dialect_ = Dialect::kUnknown;
  std::string head_;  // of the request under way
  bool in_data_ = false;
  uint64_t data_left_ = 0;
  MemcachedRequest request_;
  Fate fate_ = Fate::kPass;
  std::string copy_;
  bool quiet_before_ = false;  // a quiet request may still be answered

  std::string reply_head_;
  bool in_reply_data_ = false;
  uint64_t reply_data_left_ = 0;
  bool ends_with_data_ = false;  // the reply under way
  bool aside_ = false;           // what comes now belongs to no slot
  bool replies_unread_ = false;
};

Status check_memcached_rule(const ProtocolRule& rule);

}  // namespace fb
