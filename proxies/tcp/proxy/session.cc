#include "proxies/tcp/proxy/session.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb {
namespace {

constexpr ProtocolActions kConnectionActions{ProtocolAction::kDrop, ProtocolAction::kError,
                                             ProtocolAction::kTruncate, ProtocolAction::kBandwidth};
constexpr ProtocolActions kLineActions{ProtocolAction::kRespond};
constexpr ProtocolActions kUpActions{ProtocolAction::kCorrupt, ProtocolAction::kDelay,
                                     ProtocolAction::kDuplicate};
constexpr ProtocolActions kDownActions{ProtocolAction::kCorrupt};
// A line that is longer is none to answer.
constexpr size_t kLineMax = 64 * 1024;

bool goes(FlowDirection rule, FlowDirection bytes) {
  return rule == FlowDirection::kBoth || rule == bytes;
}

}  // namespace

TcpSession::TcpSession(SessionHost& host)
    : host_(host),
      up_(host, {[this](std::string_view bytes) { host_.to_server(bytes); },
                 [this] { host_.finish_server(); }}),
      down_(host, {[this](std::string_view bytes) { host_.to_client(bytes); },
                   [this] { host_.finish_client(); }}) {}

void TcpSession::from_client(std::string_view bytes) {
  judge_connection();
  if (over_) return;
  if (line_.empty() && !host_.watched(kLineActions)) return chunk(bytes, FlowDirection::kUp);
  lines(bytes);
}

void TcpSession::from_server(std::string_view bytes) {
  judge_connection();
  if (!over_) chunk(bytes, FlowDirection::kDown);
}

void TcpSession::judge_connection() {
  while (!over_ && host_.watched(kConnectionActions)) {
    const MessageVerdict verdict = host_.judge({.actions = kConnectionActions, .before = &asked_});
    const ProtocolRule* rule = verdict.rule();
    if (rule == nullptr) return;
    if (rule->action == ProtocolAction::kDrop) return end(Ending::kClose);
    if (rule->action == ProtocolAction::kError) return end(Ending::kReset);
    if (rule->action == ProtocolAction::kTruncate) limit_ = {verdict.action, rule->amount};
    if (rule->action == ProtocolAction::kBandwidth) {
      if (goes(rule->direction, FlowDirection::kUp)) up_.pace(verdict);
      if (goes(rule->direction, FlowDirection::kDown)) down_.pace(verdict);
    }
  }
}

void TcpSession::lines(std::string_view bytes) {
  while (!bytes.empty() && !over_) {
    const size_t end = bytes.find('\n');
    const size_t taken = end == std::string_view::npos ? bytes.size() : end + 1;
    line_.append(bytes.substr(0, taken));
    bytes = bytes.substr(taken);
    if (end == std::string_view::npos && line_.size() <= kLineMax) return;
    const std::string whole = std::move(line_);
    line_.clear();
    line(whole);
  }
}

void TcpSession::line(std::string_view bytes) {
  if (host_.watched(kLineActions)) {
    const MessageVerdict verdict = host_.judge({.actions = kLineActions});
    if (const ProtocolRule* rule = verdict.rule())
      return send(rule->body.value_or("") + "\n", FlowDirection::kDown);
  }
  chunk(bytes, FlowDirection::kUp);
}

void TcpSession::chunk(std::string_view bytes, FlowDirection direction) {
  const bool up = direction == FlowDirection::kUp;
  const ProtocolActions actions = up ? kUpActions : kDownActions;
  if (!host_.watched(actions)) return send(bytes, direction);
  const MessageVerdict verdict = host_.judge({.actions = actions, .direction = direction});
  (up ? up_ : down_).hold(verdict);
  const ProtocolRule* rule = verdict.rule();
  if (rule == nullptr) return send(bytes, direction);
  if (rule->action == ProtocolAction::kDuplicate) {
    send(bytes, direction);
    return send(bytes, direction);
  }
  std::string changed(bytes);
  for (uint64_t i = 0; i < std::min<uint64_t>(rule->amount, changed.size()); ++i) {
    const double where = host_.draw(verdict, static_cast<unsigned>(i + 1));
    auto& byte = changed[static_cast<size_t>(where * static_cast<double>(changed.size()))];
    byte = static_cast<char>(~static_cast<unsigned char>(byte));
  }
  send(changed, direction);
}

void TcpSession::send(std::string_view bytes, FlowDirection direction) {
  if (over_) return;
  TcpLane& lane = direction == FlowDirection::kUp ? up_ : down_;
  const bool limited = limit_.rule != nullptr && host_.in_force(*limit_.rule) &&
                       goes(limit_.rule->rule.direction, direction);
  if (!limited) return lane.send(bytes);
  const auto part = static_cast<size_t>(std::min<uint64_t>(limit_.left, bytes.size()));
  limit_.left -= part;
  lane.send(bytes.substr(0, part));
  if (part < bytes.size() || limit_.left == 0) end(Ending::kClose);
}

void TcpSession::end(Ending how) {
  if (over_) return;
  over_ = true;
  host_.end(how);
}

void TcpSession::client_ended() {
  if (!line_.empty()) {
    const std::string rest = std::move(line_);
    line_.clear();
    chunk(rest, FlowDirection::kUp);
  }
  up_.finish();
}

void TcpSession::server_ended() {
  down_.finish();
}

Status check_tcp_rule(const ProtocolRule& rule) {
  if (rule.status || rule.code || !rule.headers.empty())
    return invalid("status=, code= and headers= have no meaning for tcp");
  if (rule.action == ProtocolAction::kRespond && !rule.body)
    return invalid("response() of a tcp interface needs body=, the line to answer with");
  return {};
}

}  // namespace fb
