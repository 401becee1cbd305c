#include "proxies/redis/proxy/session.h"

#include "proxies/redis/codec/commands.h"
#include "proxies/steps/text.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace fb {
namespace {

// A command to be sent twice is kept whole up to here.
constexpr size_t kCopyMax = 16 * 1024 * 1024;

constexpr uint32_t kAnswersHello3 = 1, kAnswersHello2 = 2;

constexpr std::string_view kExecAborted =
    "-EXECABORT Transaction discarded because of previous errors.\r\n";
constexpr std::string_view kDiscard = "*1\r\n$7\r\nDISCARD\r\n";

bool is_subscription_message(const std::string& word) {
  static constexpr std::string_view kWords[] = {"message",     "pmessage",     "smessage",
                                                "subscribe",   "psubscribe",   "ssubscribe",
                                                "unsubscribe", "punsubscribe", "sunsubscribe"};
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

std::string one_line(std::string text) {
  std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
  return text;
}

}  // namespace

// --- commands

void RedisSession::from_client(std::string_view bytes) {
  while (!exchange_.over()) {
    if (unread_) return exchange_.pass(bytes);
    size_t used = 0;
    const RedisRequestReader::Event event = requests_.take(bytes, used);
    bytes_of_command(bytes.substr(0, used));
    bytes = bytes.substr(used);
    switch (event) {
      case RedisRequestReader::Event::kMore:
        return;
      case RedisRequestReader::Event::kHead:
        decide();
        break;
      case RedisRequestReader::Event::kEnd:
        end_command();
        break;
      case RedisRequestReader::Event::kEmpty:
        exchange_.pass(pending_);
        pending_.clear();
        break;
      case RedisRequestReader::Event::kBad:
        lose(fmt::format("no command of Redis: {}", quote_wire(pending_, 32)),
             pending_.starts_with('\x16'));
        break;
    }
  }
}

void RedisSession::bytes_of_command(std::string_view bytes) {
  switch (fate_) {
    case Fate::kUndecided:
      pending_.append(bytes);
      return;
    case Fate::kTwice:
      copy_.append(bytes);
      if (copy_.size() > kCopyMax) {
        host_.unfilterable("a command to be sent twice is longer than 16 MiB");
        fate_ = Fate::kPass;
      }
      [[fallthrough]];
    case Fate::kPass:
      exchange_.pass(bytes);
      return;
    case Fate::kDiscard:
      return;
  }
}

void RedisSession::decide() {
  MessageVerdict verdict;
  const std::string& name = requests_.name();
  if (host_.watched()) {
    const std::array<MessageKey, 2> keys = {MessageKey{"command", name},
                                            MessageKey{"key", requests_.key()}};
    verdict = host_.judge({.keys = keys, .named_by = is_redis_handshake(name) ? "command" : ""});
  }
  exchange_.hold(verdict);
  const ProtocolRule* rule = verdict.rule();
  if (rule == nullptr || !act(*rule)) pass_command();
  pending_.clear();
}

// False: the command passes all the same.
bool RedisSession::act(const ProtocolRule& rule) {
  const bool queued =
      in_transaction_ && requests_.name() != "EXEC" && requests_.name() != "DISCARD";
  switch (rule.action) {
    case ProtocolAction::kError: {
      fate_ = Fate::kDiscard;
      answer(fmt::format("-{}\r\n", one_line(rule.message.value_or("ERR injected fault"))));
      if (queued) transaction_failed_ = true;
      // An EXEC that fails has done nothing.
      if (requests_.name() == "EXEC" && in_transaction_) {
        exchange_.expect({.kind = ReplySlot::Kind::kSwallow});
        exchange_.pass(kDiscard);
        in_transaction_ = transaction_failed_ = false;
      }
      return true;
    }
    case ProtocolAction::kRespond: {
      if (queued) {
        host_.unfilterable("response() of a command inside MULTI");
        return false;
      }
      fate_ = Fate::kDiscard;
      const std::string& body = rule.body.value_or("");
      if (!body.empty()) {
        answer(fmt::format("${}\r\n{}\r\n", body.size(), body));
      } else {
        answer(resp3_ ? "_\r\n" : "$-1\r\n");
      }
      return true;
    }
    case ProtocolAction::kDrop:
      fate_ = Fate::kDiscard;
      exchange_.expect({.kind = ReplySlot::Kind::kEnd, .ending = Ending::kClose});
      return true;
    case ProtocolAction::kDuplicate:
      if (in_transaction_ || is_redis_subscription(requests_.name()) || !answers()) {
        host_.unfilterable(in_transaction_ ? "duplicate() of a command inside MULTI"
                                           : "duplicate() of a command without one reply");
        return false;
      }
      fate_ = Fate::kTwice;
      copy_ = pending_;
      exchange_.expect({.with_next = true});
      exchange_.pass(pending_);
      return true;
    case ProtocolAction::kDelay:
    case ProtocolAction::kCorrupt:
    case ProtocolAction::kTruncate:
    case ProtocolAction::kBandwidth:
      return false;
  }
  return false;
}

// A reply of ours, unless the client has switched them off.
void RedisSession::answer(std::string reply) {
  if (!answers()) return;
  exchange_.expect({.kind = ReplySlot::Kind::kOurs, .bytes = std::move(reply)});
}

bool RedisSession::answers() {
  return replies_ == Replies::kOn;
}

void RedisSession::pass_command() {
  fate_ = Fate::kPass;
  const std::string& name = requests_.name();
  if (name == "EXEC" && transaction_failed_) {
    fate_ = Fate::kDiscard;
    exchange_.expect({.kind = ReplySlot::Kind::kSwallow});
    exchange_.pass(kDiscard);
    answer(std::string(kExecAborted));
    return;
  }
  if (name == "CLIENT" && requests_.arguments().size() > 2 &&
      upper_ascii(requests_.arguments()[1]) == "REPLY") {
    const std::string how = upper_ascii(requests_.arguments()[2]);
    if (how == "ON") replies_ = Replies::kOn;
    // Neither is answered; after SKIP, nor is the next command.
    if (how == "OFF") replies_ = Replies::kOff;
    if (how == "SKIP" && replies_ == Replies::kOn) {
      replies_ = Replies::kSkipNext;
      return exchange_.pass(pending_);
    }
  }
  if (is_redis_subscription(name)) {
    // Answered by as many messages as there are channels; none of them is a reply.
    subscribed_ = true;
    return exchange_.pass(pending_);
  }
  uint32_t tag = 0;
  if (name == "HELLO" && requests_.arguments().size() > 1)
    tag = requests_.arguments()[1] == "3" ? kAnswersHello3 : kAnswersHello2;
  if (answers()) exchange_.expect({.tag = tag});
  if (replies_ == Replies::kSkipNext) replies_ = Replies::kOn;
  exchange_.pass(pending_);
}

void RedisSession::end_command() {
  if (fate_ == Fate::kTwice) {
    exchange_.expect({.kind = ReplySlot::Kind::kSwallow});
    exchange_.pass(copy_);
    copy_.clear();
  }
  if (fate_ != Fate::kDiscard || requests_.name() == "EXEC") follow_state();
  fate_ = Fate::kUndecided;
}

void RedisSession::follow_state() {
  const std::string& name = requests_.name();
  if (name == "MULTI") {
    in_transaction_ = true;
    transaction_failed_ = false;
  } else if (name == "EXEC" || name == "DISCARD" || name == "RESET") {
    in_transaction_ = transaction_failed_ = false;
  } else if (name == "SYNC" || name == "PSYNC") {
    // From here on it is a stream for a replica.
    unread_ = replies_unread_ = true;
  }
  if (name == "RESET") {
    resp3_ = subscribed_ = false;
    replies_ = Replies::kOn;
  }
}

void RedisSession::lose(std::string_view why, bool is_tls) {
  host_.lost_track(why, is_tls);
  unread_ = true;
  exchange_.pass(pending_);
  pending_.clear();
}

void RedisSession::client_ended() {
  exchange_.pass(pending_);
  pending_.clear();
  exchange_.client_ended();
}

// --- replies

void RedisSession::from_server(std::string_view bytes) {
  while (!exchange_.over()) {
    if (replies_unread_) return exchange_.aside(bytes);
    size_t used = 0;
    const RedisReplyReader::Event event = reader_.take(bytes, used);
    reply_bytes(bytes.substr(0, used));
    bytes = bytes.substr(used);
    switch (event) {
      case RedisReplyReader::Event::kMore:
        return;
      case RedisReplyReader::Event::kKind: {
        const bool message =
            reader_.type() == '>' ||
            (subscribed_ && reader_.type() == '*' && is_subscription_message(reader_.first_word()));
        aside_ = message || exchange_.front() == nullptr;
        kind_known_ = true;
        const std::string start = std::move(start_);
        start_.clear();
        reply_bytes(start);
        break;
      }
      case RedisReplyReader::Event::kEnd:
        end_reply();
        break;
      case RedisReplyReader::Event::kBad:
        host_.lost_track("no reply of Redis", false);
        replies_unread_ = true;
        exchange_.aside(start_);
        start_.clear();
        break;
    }
  }
}

void RedisSession::reply_bytes(std::string_view bytes) {
  if (!kind_known_) {
    start_.append(bytes);
  } else if (aside_) {
    exchange_.aside(bytes);
  } else {
    exchange_.reply(bytes);
  }
}

void RedisSession::end_reply() {
  kind_known_ = false;
  if (aside_) {
    // The last confirmation of an UNSUBSCRIBE ends the mode.
    if (reader_.first_word().ends_with("unsubscribe") && reader_.last_integer() == 0)
      subscribed_ = false;
    return;
  }
  const uint32_t tag = exchange_.front()->tag;
  if (tag != 0 && reader_.last_type() != '-') resp3_ = tag == kAnswersHello3;
  exchange_.reply_done();
}

void RedisSession::server_ended() {
  if (!start_.empty()) exchange_.aside(start_);
  start_.clear();
  exchange_.server_ended();
}

Status check_redis_rule(const ProtocolRule& rule) {
  if (rule.code || rule.status || !rule.headers.empty())
    return invalid("status=, code= and headers= have no meaning for redis");
  return {};
}

}  // namespace fb
