// HTTP/1 through a proxy (RFC 9112): pipelined requests, bodies of every framing, interim
// responses, upgrades. A request is judged when its head is complete; its bytes pass as they came,
// header case and order included. What switches protocols (101, CONNECT) passes unread from there
// on, and so does a connection whose framing is ambiguous.
#pragma once
#include "proxies/http/codec/head.h"
#include "proxies/proxy/exchange.h"
#include "proxies/proxy/protocol_proxy.h"

#include <memory>
#include <string>

namespace fb {

class HttpSession final : public Session {
 public:
  explicit HttpSession(SessionHost& host) : host_(host), exchange_(host) {}

  void from_client(std::string_view bytes) override;
  void from_server(std::string_view bytes) override;
  void client_ended() override;
  void server_ended() override;
  size_t held_up() const override { return exchange_.held() + waiting_.size(); }

 private:
  enum class RequestPhase : uint8_t {
    kHead,
    kBody,
    kAwait,  // what follows waits for the response: a switch of protocols, a duplicate
    kUnread,
  };
  enum class Fate : uint8_t { kPass, kTwice, kDiscard };

  void request_head();
  void begin_request(const HttpRequestHead& head);
  void act(const HttpRequestHead& head, const MessageVerdict& verdict);
  void answer(const HttpRequestHead& head, const ProtocolRule& rule);
  void body_bytes(std::string_view bytes);
  void end_request();
  void response_head();
  void end_response();
  void lose(std::string_view why, bool is_tls = false);
  void switch_protocols();
  void send_again();
  void go_on();

  SessionHost& host_;
  Exchange exchange_;

  RequestPhase request_ = RequestPhase::kHead;
  std::string head_;
  HttpBody body_ = HttpBody::none();
  Fate fate_ = Fate::kPass;
  bool may_switch_ = false;  // the present request
  uint32_t tag_ = 0;
  std::string copy_head_, copy_body_;  // of a request that is to be sent twice
  bool again_ = false;                 // its first response is awaited
  bool elsewhere_ = false;             // the second one is, on another connection
  std::string waiting_;                // client bytes in kAwait

  bool in_response_body_ = false;
  bool responses_unread_ = false;
  std::string response_head_;
  HttpBody response_body_ = HttpBody::none();
  bool response_closes_ = false;
  bool server_ended_ = false;  // while elsewhere_
  bool client_ended_ = false;
};

Status check_http_rule(const ProtocolRule& rule);

}  // namespace fb
