// A Session without sockets: what it sends is collected, rules are real ones on an interface of one
// service, and time passes when the test says so. For tests and fuzzers.
#pragma once
#include "core/sched/protocol_rules.h"
#include "proxies/proxy/registry.h"
#include "proxies/proxy/session.h"

#include <algorithm>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fb {

class SessionBench final : public SessionHost {
 public:
  explicit SessionBench(std::string_view protocol)
      : topology_(one_service(protocol)),
        rules_(topology_, [](std::string_view, std::string_view, uint64_t) { return 0.5; }),
        session_(proxy_of(protocol).make(*this)) {}

  void add_rule(ProtocolRule rule) { rules_.open(++scope_, {}, {std::move(rule)}, false); }
  void end_rules() {
    for (uint64_t id = 1; id <= scope_; ++id) rules_.close(id);
  }
  const ProtocolRuleState& rule(size_t i = 0) const {
    auto scope = rules_.history().begin();
    std::advance(scope, static_cast<ptrdiff_t>(i));
    return scope->rules[0];
  }

  void client(std::string_view bytes) {
    if (!ended) session_->from_client(bytes);
  }
  void server(std::string_view bytes) {
    if (!ended) session_->from_server(bytes);
  }
  void client_end() {
    if (!ended) session_->client_ended();
  }
  void server_end() {
    if (!ended) session_->server_ended();
  }
  // Everything that waits for time goes on, also what begins to wait meanwhile.
  void let_time_pass() {
    while (!waiting_.empty() && !ended) {
      const std::function<void()> go = std::move(waiting_.front());
      waiting_.pop_front();
      go();
    }
  }
  size_t held() const { return session_->held_up(); }

  std::string up, down;   // what the server and the client got
  std::string elsewhere;  // what the server got on further connections
  bool server_finished = false, client_finished = false;
  std::optional<Ending> ended;
  std::vector<std::string> lost;
  std::vector<std::string> refused;
  bool lost_to_tls = false;

 private:
  static Topology one_service(std::string_view protocol) {
    Topology topology;
    topology.services = {{.name = "svc",
                          .interfaces = {{.name = "main",
                                          .protocol = std::string(protocol),
                                          .port = 1,
                                          .spec = "",
                                          .proxied = true}}}};
    return topology;
  }

  void to_server(std::string_view bytes) override { up += bytes; }
  void to_client(std::string_view bytes) override { down += bytes; }
  void finish_server() override { server_finished = true; }
  void finish_client() override { client_finished = true; }
  void end(Ending how) override {
    if (!ended) ended = how;
  }
  bool watched(ProtocolActions actions) const override {
    return rules_.watches({}, kTestDriver, actions);
  }
  MessageVerdict judge(const Asked& asked) override {
    MessageVerdict verdict;
    for (const ProtocolRuleState* state : rules_.evaluate({.target = {},
                                          .source = kTestDriver,
                                          .keys = asked.keys,
                                          .actions = asked.actions,
                                          .named_by = asked.named_by,
                                          .direction = asked.direction,
                                          .asked = asked.before})) {
      if (state->rule.action == ProtocolAction::kDelay) {
        verdict.delay += state->rule.delay;
        verdict.delay_scopes.push_back(state->scope);
      } else {
        verdict.action = state;
      }
    }
    return verdict;
  }
  bool in_force(const ProtocolRuleState& state) const override {
    return rules_.is_open(state.scope);
  }
  double draw(const MessageVerdict& verdict, unsigned k) override {
    return rules_.draw(*verdict.action, {}, k);
  }
  void after_delay(const MessageVerdict&, std::function<void()> go) override {
    waiting_.push_back(std::move(go));
  }
  void after(Duration, std::function<void()> go) override { waiting_.push_back(std::move(go)); }
  void send_elsewhere(std::string bytes, std::function<void()> done) override {
    elsewhere += bytes;
    waiting_.push_back(std::move(done));
  }
  void lost_track(std::string_view why, bool is_tls) override {
    lost.emplace_back(why);
    lost_to_tls |= is_tls;
  }
  void unfilterable(std::string_view why) override { refused.emplace_back(why); }

  Topology topology_;
  ProtocolRuleSets rules_;
  uint64_t scope_ = 0;
  std::list<std::function<void()>> waiting_;
  std::unique_ptr<Session> session_;
};

// --- rules by name
inline ProtocolRule drop_rule(std::vector<std::pair<std::string, std::string>> match = {}) {
  ProtocolRule rule;
  rule.action = ProtocolAction::kDrop;
  rule.match = std::move(match);
  return rule;
}
inline ProtocolRule duplicate_rule(std::vector<std::pair<std::string, std::string>> match = {}) {
  ProtocolRule rule = drop_rule(std::move(match));
  rule.action = ProtocolAction::kDuplicate;
  return rule;
}
inline ProtocolRule error_rule(std::vector<std::pair<std::string, std::string>> match,
                               std::optional<std::string> message = {}) {
  ProtocolRule rule = drop_rule(std::move(match));
  rule.action = ProtocolAction::kError;
  rule.message = std::move(message);
  return rule;
}
inline ProtocolRule response_rule(std::vector<std::pair<std::string, std::string>> match,
                                  std::optional<std::string> body = {}) {
  ProtocolRule rule = drop_rule(std::move(match));
  rule.action = ProtocolAction::kRespond;
  rule.body = std::move(body);
  return rule;
}
inline ProtocolRule delay_rule(std::vector<std::pair<std::string, std::string>> match = {}) {
  ProtocolRule rule = drop_rule(std::move(match));
  rule.action = ProtocolAction::kDelay;
  rule.delay = std::chrono::seconds(1);
  return rule;
}

}  // namespace fb
