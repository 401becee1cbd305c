#include "proxies/http/proxy/session.h"

#include "proxies/http/codec/syntax.h"
#include "proxies/http/proxy/answer.h"
#include "proxies/steps/text.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

namespace fb {
namespace {

// A head longer than this is passed on unread, with all that follows.
constexpr size_t kProxyHeadMax = 256 * 1024;
// What may come after a request for another protocol before its answer.
constexpr size_t kAwaitMax = 256 * 1024;
// A request to be sent twice is kept whole up to here.
constexpr size_t kCopyMax = 16 * 1024 * 1024;

// Kinds of awaited responses (ReplySlot::tag).
constexpr uint32_t kAnswersHead = 1, kAnswersConnect = 2;

// How many bytes could begin a request: a token, then a blank. 0: none could.
bool may_be_request(std::string_view bytes) {
  const size_t first = bytes.find_first_not_of("\r\n");
  if (first == std::string_view::npos) return true;
  bytes = bytes.substr(first);
  const std::string_view method = bytes.substr(0, bytes.find(' '));
  return method.size() <= 64 && is_token(method);
}

}  // namespace

// --- requests

void HttpSession::from_client(std::string_view bytes) {
  while (!bytes.empty() && !exchange_.over()) {
    switch (request_) {
      case RequestPhase::kUnread:
        return exchange_.pass(bytes);
      case RequestPhase::kAwait:
        waiting_.append(bytes);
        if (waiting_.size() > kAwaitMax) lose("more bytes than expected before a response");
        return;
      case RequestPhase::kHead: {
        const size_t before = head_.size();
        head_.append(bytes);
        const size_t end = http_head_end(head_);
        if (end == 0) {
          if (!may_be_request(head_))
            return lose(fmt::format("no request of HTTP/1: {}", quote_wire(head_, 32)),
                        looks_like_tls(head_));
          if (head_.size() > kProxyHeadMax) lose("the head of a request is too long");
          return;
        }
        bytes = bytes.substr(end - before);
        head_.resize(end);
        request_head();
        break;
      }
      case RequestPhase::kBody: {
        const size_t taken = body_.take(bytes);
        body_bytes(bytes.substr(0, taken));
        bytes = bytes.substr(taken);
        if (body_.state() == HttpBody::State::kDone) end_request();
        if (body_.state() == HttpBody::State::kBad) {
          // What was taken has passed; the rest follows unread.
          lose("the chunks of a request body are malformed");
        }
        break;
      }
    }
  }
}

void HttpSession::request_head() {
  // Empty lines before a request are no part of it (RFC 9112 §2.2).
  const size_t first = std::min(head_.find_first_not_of("\r\n"), head_.size());
  exchange_.pass(std::string_view(head_).substr(0, first));
  head_.erase(0, first);
  if (head_.empty()) return;
  const Result<HttpRequestHead> head = parse_request_head(head_);
  if (!head.ok()) return lose(head.error().message, looks_like_tls(head_));
  const Result<HttpBody> body = HttpBody::of_request(*head);
  if (!body.ok()) return lose(body.error().message);
  body_ = *body;
  begin_request(*head);
}

void HttpSession::begin_request(const HttpRequestHead& head) {
  fate_ = Fate::kPass;
  may_switch_ = head.method == "CONNECT" || head.has_token("connection", "upgrade");
  tag_ = head.method == "HEAD" ? kAnswersHead : head.method == "CONNECT" ? kAnswersConnect : 0;
  MessageVerdict verdict;
  if (host_.watched()) {
    const std::string path = http_rule_path(head.target);
    const std::array<MessageKey, 2> keys = {MessageKey{"method", head.method},
                                            MessageKey{"path", path}};
    verdict = host_.judge(keys);
  }
  exchange_.hold(verdict);
  act(head, verdict);
  head_.clear();
  request_ = RequestPhase::kBody;
  if (body_.state() == HttpBody::State::kDone) end_request();
}

void HttpSession::act(const HttpRequestHead& head, const MessageVerdict& verdict) {
  const ProtocolRule* rule = verdict.rule();
  if (rule != nullptr && !rule->rewrites_headers()) {
    switch (rule->action) {
      case ProtocolAction::kRespond:
      case ProtocolAction::kError:
        return answer(head, *rule);
      case ProtocolAction::kDrop:
        fate_ = Fate::kDiscard;
        return exchange_.expect({.kind = ReplySlot::Kind::kEnd, .ending = Ending::kReset});
      case ProtocolAction::kDuplicate:
        fate_ = Fate::kTwice;
        copy_head_ = head_;
        exchange_.expect({.with_next = true, .tag = tag_});
        return exchange_.pass(http_kept_alive_head(head_));
      case ProtocolAction::kDelay:
      case ProtocolAction::kCorrupt:
      case ProtocolAction::kTruncate:
      case ProtocolAction::kBandwidth:
        break;
    }
  }
  exchange_.expect({.tag = tag_, .rule = rule});
  exchange_.pass(head_);
}

void HttpSession::answer(const HttpRequestHead& head, const ProtocolRule& rule) {
  fate_ = Fate::kDiscard;
  may_switch_ = false;
  // A client that asked whether it shall send its body may take the answer for a no.
  const bool closing = head.closes() || head.has_token("expect", "100-continue");
  exchange_.expect({.kind = closing ? ReplySlot::Kind::kEnd : ReplySlot::Kind::kOurs,
                    .bytes = http_answer(rule, head, closing)});
}

void HttpSession::body_bytes(std::string_view bytes) {
  if (fate_ == Fate::kDiscard) return;
  exchange_.pass(bytes);
  if (fate_ != Fate::kTwice) return;
  copy_body_.append(bytes);
  if (copy_body_.size() > kCopyMax) {
    host_.unfilterable("a request to be sent twice is longer than 16 MiB");
    copy_body_.clear();
    fate_ = Fate::kPass;
  }
}

void HttpSession::end_request() {
  again_ = fate_ == Fate::kTwice;
  request_ = may_switch_ || again_ ? RequestPhase::kAwait : RequestPhase::kHead;
}

// The first response to a request that is to be sent twice is there, and kept back.
void HttpSession::send_again() {
  again_ = false;
  exchange_.expect({.kind = ReplySlot::Kind::kSwallow, .tag = tag_});
  const std::string body = std::exchange(copy_body_, "");
  if (!response_closes_ && !client_ended_) {
    exchange_.pass(copy_head_ + body);
    return;
  }
  // Nothing more can be sent on this connection: the server gets the request on another one.
  elsewhere_ = true;
  host_.send_elsewhere(http_closing_head(copy_head_) + body, [this] {
    elsewhere_ = false;
    if (exchange_.front() != nullptr) exchange_.reply_done();
    if (server_ended_) return exchange_.server_ended();
    go_on();
  });
}

// HTTP goes on with what the client has sent meanwhile.
void HttpSession::go_on() {
  if (request_ != RequestPhase::kAwait || exchange_.outstanding() > 0) return;
  request_ = RequestPhase::kHead;
  from_client(std::exchange(waiting_, ""));
}

void HttpSession::client_ended() {
  // A head that never became whole is the server's to complain about.
  exchange_.pass(head_);
  head_.clear();
  exchange_.pass(waiting_);
  waiting_.clear();
  client_ended_ = true;
  exchange_.client_ended();
}

void HttpSession::lose(std::string_view why, bool is_tls) {
  host_.lost_track(why, is_tls);
  request_ = RequestPhase::kUnread;
  exchange_.pass(head_);
  exchange_.pass(waiting_);
  head_.clear();
  waiting_.clear();
}

// --- responses

void HttpSession::from_server(std::string_view bytes) {
  while (!bytes.empty() && !exchange_.over()) {
    if (responses_unread_) return exchange_.aside(bytes);
    if (exchange_.front() == nullptr) {
      // Nobody has asked: a server that closes an idle connection may say why (408).
      responses_unread_ = true;
      continue;
    }
    if (in_response_body_) {
      const size_t taken = response_body_.take(bytes);
      exchange_.reply(bytes.substr(0, taken));
      bytes = bytes.substr(taken);
      if (response_body_.state() == HttpBody::State::kDone) end_response();
      if (response_body_.state() == HttpBody::State::kBad) {
        host_.lost_track("the chunks of a response body are malformed", false);
        responses_unread_ = true;
      }
      continue;
    }
    const size_t before = response_head_.size();
    response_head_.append(bytes);
    const size_t end = http_head_end(response_head_);
    if (end == 0 && response_head_.size() <= kProxyHeadMax &&
        std::string_view("HTTP/1.").starts_with(std::string_view(response_head_).substr(0, 7)))
      return;
    bytes = end == 0 ? std::string_view() : bytes.substr(end - before);
    if (end != 0) response_head_.resize(end);
    response_head();
  }
}

void HttpSession::response_head() {
  const Result<HttpResponseHead> head = parse_response_head(response_head_);
  const std::string bytes = std::move(response_head_);
  response_head_.clear();
  const auto unread = [&](std::string_view why) {
    host_.lost_track(why, false);
    responses_unread_ = true;
    exchange_.reply(bytes);
  };
  if (!head.ok()) return unread("no response of HTTP/1");
  const ReplySlot slot = *exchange_.front();
  if (head->status < 200 && head->status != 101) return exchange_.reply(bytes);  // interim
  const bool tunnels = head->status == 101 || (slot.tag == kAnswersConnect && head->status < 300);
  if (tunnels) {
    exchange_.reply(bytes);
    return switch_protocols();
  }
  const Result<HttpBody> body = HttpBody::of_response(*head, slot.tag == kAnswersHead);
  if (!body.ok()) return unread(body.error().message);
  const bool rewritten = slot.rule != nullptr && slot.rule->rewrites_headers();
  exchange_.reply(rewritten ? http_rewritten_head(bytes, *slot.rule) : bytes);
  response_body_ = *body;
  response_closes_ = head->closes() || body->ends_with_connection();
  in_response_body_ = true;
  if (response_body_.state() == HttpBody::State::kDone) end_response();
}

void HttpSession::end_response() {
  in_response_body_ = false;
  const bool again = again_ && exchange_.front()->with_next;
  exchange_.reply_done();
  if (again) return send_again();
  go_on();
}

void HttpSession::switch_protocols() {
  exchange_.reply_done();
  responses_unread_ = true;
  request_ = RequestPhase::kUnread;
  exchange_.pass(waiting_);
  waiting_.clear();
}

void HttpSession::server_ended() {
  if (!response_head_.empty() && exchange_.front() != nullptr) exchange_.reply(response_head_);
  response_head_.clear();
  if (in_response_body_ && response_body_.ends_with_connection()) end_response();
  server_ended_ = true;
  if (!elsewhere_) exchange_.server_ended();
}

Status check_http_rule(const ProtocolRule& rule) {
  if (rule.status && (*rule.status < 200 || *rule.status > 599))
    return invalid(
        fmt::format("status={} is no status of a final HTTP response (200 to 599)", *rule.status));
  if (rule.code) return invalid("code= has no meaning for http; use status=");
  for (const auto& [name, value] : rule.headers) {
    if (!is_token(name)) return invalid(fmt::format("header name {} is invalid", quote_wire(name)));
    if (value && !is_field_value(*value))
      return invalid(fmt::format("header {} has a control character in its value", name));
  }
  return {};
}

}  // namespace fb
