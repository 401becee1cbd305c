// A Session that passes everything on unread: for protocols without a proxy, and for what is left
// of a connection whose bytes cannot be understood.
#pragma once
#include "proxies/proxy/session.h"

namespace fb {

class OpaqueSession final : public Session {
 public:
  explicit OpaqueSession(SessionHost& host) : host_(host) {}
  void from_client(std::string_view bytes) override { host_.to_server(bytes); }
  void from_server(std::string_view bytes) override { host_.to_client(bytes); }
  void client_ended() override { host_.finish_server(); }
  void server_ended() override { host_.finish_client(); }
  size_t held_up() const override { return 0; }

 private:
  SessionHost& host_;
};

}  // namespace fb
