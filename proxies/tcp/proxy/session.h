// A raw stream through a proxy. Its messages are what rules of tcp count (spec §12.3): chunks, as
// they arrive, for corrupt, delay and duplicate; lines of the client for response; the connection
// for drop, error, truncate and bandwidth, once per rule, when the next bytes arrive. delay and
// duplicate are about what the client sends.
#pragma once
#include "proxies/proxy/protocol_proxy.h"
#include "proxies/tcp/proxy/lane.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace fb {

class TcpSession final : public Session {
 public:
  explicit TcpSession(SessionHost& host);

  void from_client(std::string_view bytes) override;
  void from_server(std::string_view bytes) override;
  void client_ended() override;
  void server_ended() override;
  size_t held_up() const override { return up_.held() + line_.size(); }
  size_t held_down() const override { return down_.held(); }

 private:
  // How much of the connection a truncate() still lets through.
  struct Limit {
    const ProtocolRuleState* rule = nullptr;
    uint64_t left = 0;
  };
  void judge_connection();
  void lines(std::string_view bytes);
  void line(std::string_view bytes);
  void chunk(std::string_view bytes, FlowDirection direction);
  void send(std::string_view bytes, FlowDirection direction);
  void end(Ending how);

  SessionHost& host_;
  TcpLane up_, down_;
  std::set<const ProtocolRuleState*> asked_;
  Limit limit_;
  std::string line_;  // begun by the client, while lines are answered
  bool over_ = false;
};

Status check_tcp_rule(const ProtocolRule& rule);

}  // namespace fb
