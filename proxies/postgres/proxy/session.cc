#include "proxies/postgres/proxy/session.h"

#include "proxies/postgres/proxy/answer.h"
#include "proxies/proxy/sql_text.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace fb {
namespace {

// Kinds of awaited replies (ReplySlot::tag).
enum Tag : uint32_t { kNone, kParse, kBind, kDescribe, kExecute, kClose, kSync, kQuery };

// Codes of startup packets.
constexpr uint32_t kSslRequest = 80877103, kGssRequest = 80877104, kCancelRequest = 80877102;
constexpr uint32_t kProtocol3 = 3;
constexpr uint32_t kStartupMax = 10'000;
// Rules see so much of a statement.
constexpr size_t kBodyKept = 64 * 1024;
constexpr size_t kCopyMax = 16 * 1024 * 1024;

// What the server is given in the place of a statement that is to fail: it cannot be parsed.
constexpr std::string_view kFailing = "faultbox: a statement was replaced by an injected error";
// And in the place of a Bind: a portal nobody has made.
std::string failing_execute() {
  std::string body = "faultbox: injected error";
  body += '\0';
  return postgres_message('E', body + postgres_int32(0));
}
std::string query_message(std::string_view sql) {
  std::string body(sql);
  body += '\0';
  return postgres_message('Q', body);
}
std::string ready(char state) {
  return postgres_message('Z', std::string_view(&state, 1));
}

bool completes(uint32_t tag, char type) {
  switch (tag) {
    case kParse:
      return type == '1';
    case kBind:
      return type == '2';
    case kClose:
      return type == '3';
    case kDescribe:
      return type == 'T' || type == 'n';
    case kExecute:
      return type == 'C' || type == 'I' || type == 's';
    default:
      return type == 'Z';
  }
}

}  // namespace

// --- the client's messages

void PostgresSession::from_client(std::string_view bytes) {
  while (!exchange_.over()) {
    if (phase_ == Phase::kUnread) return exchange_.pass(bytes);
    if (phase_ == Phase::kAwaitTls) {
      awaiting_.append(bytes);
      return;
    }
    if (phase_ == Phase::kStartup) {
      if (bytes.empty()) return;
      bytes = bytes.substr(startup_packet(bytes));
      continue;
    }
    size_t used = 0;
    const PostgresReader::Event event = client_.take(bytes, used);
    const std::string_view piece = bytes.substr(0, used);
    bytes = bytes.substr(used);
    if (event == PostgresReader::Event::kBad) {
      head_.append(piece);
      lose("a message with an impossible length");
      continue;
    }
    if (fate_ == Fate::kUndecided) {
      if (event == PostgresReader::Event::kBody) {
        body_.append(piece);
        if (body_.size() >= kBodyKept) decide();
      } else {
        head_.append(piece);
      }
    } else if (fate_ != Fate::kDiscard) {
      exchange_.pass(piece);
      if (fate_ == Fate::kTwice) copy_.append(piece);
    }
    if (event == PostgresReader::Event::kMore) return;
    if (event != PostgresReader::Event::kEnd) continue;
    if (fate_ == Fate::kUndecided) decide();
    end_message();
  }
}

// How many of the bytes belong to the packet.
size_t PostgresSession::startup_packet(std::string_view bytes) {
  if (awaiting_.empty() && static_cast<unsigned char>(bytes[0]) != 0) {
    lose("no startup packet", bytes[0] == 0x16);
    return 0;
  }
  const size_t before = awaiting_.size();
  const size_t wanted = awaiting_.size() < 8 ? 8 : read_postgres_int32(awaiting_);
  const size_t taken = std::min(bytes.size(), wanted - before);
  awaiting_.append(bytes.substr(0, taken));
  if (awaiting_.size() < 8) return taken;
  const uint32_t size = read_postgres_int32(awaiting_);
  const uint32_t code = read_postgres_int32(std::string_view(awaiting_).substr(4));
  if (size < 8 || size > kStartupMax) {
    lose("no startup packet");
    return taken;
  }
  if (awaiting_.size() < size) return taken;
  exchange_.pass(awaiting_);
  awaiting_.clear();
  if (code == kSslRequest || code == kGssRequest) {
    phase_ = Phase::kAwaitTls;
  } else if (code == kCancelRequest || code >> 16 != kProtocol3) {
    phase_ = Phase::kUnread;
  } else {
    phase_ = Phase::kMessages;
  }
  return taken;
}

void PostgresSession::decide() {
  switch (client_.type()) {
    case 'Q':
      return decide_simple();
    case 'F':
      return pass_message(kQuery);
    case 'P': {
      std::string_view rest = body_;
      const auto name = take_postgres_text(rest);
      if (name) statements_[std::string(*name)] = normal_sql(rest.substr(0, rest.find('\0')));
      return decide_in_cycle(kParse);
    }
    case 'B':
      return decide_bind();
    case 'D':
    case 'C': {
      const bool close = client_.type() == 'C';
      const std::string name = body_.size() < 2 ? "" : body_.substr(1, body_.size() - 2);
      const auto portal = body_.starts_with('P') ? portals_.find(name) : portals_.end();
      const bool ours_to_play = portal != portals_.end() && portal->second.answer != nullptr;
      if (ours_to_play) {
        ours(close ? postgres_message('3', "")
                   : postgres_result(*portal->second.answer, sql_verb(portal->second.sql))
                         .description);
      }
      if (close && portal != portals_.end()) portals_.erase(portal);
      if (close && body_.starts_with('S')) statements_.erase(name);
      if (ours_to_play) return discard_message();
      return decide_in_cycle(close ? kClose : kDescribe);
    }
    case 'E':
      return execute();
    case 'S':
      if (copying_in_) return pass_message(kNone);  // the server ignores it
      ++cycles_sent_;
      error_sent_ = false;
      return pass_message(kSync);
    case 'c':
    case 'f':
      copying_in_ = false;
      return pass_message(kNone);
    default:
      return pass_message(kNone);  // copied data, passwords, flush, terminate
  }
}

bool PostgresSession::cycle_has_failed() const {
  return error_sent_ || (cycle_failed_ && cycles_sent_ == cycles_done_);
}

bool PostgresSession::is_idle() const {
  return !starting_ && state_ == 'I' && exchange_.outstanding() == 0 && exchange_.held() == 0;
}

// Replies of ours and the ends they keep the place for.
void PostgresSession::ours(std::string bytes) {
  exchange_.expect({.kind = ReplySlot::Kind::kOurs, .bytes = std::move(bytes)});
}

bool PostgresSession::drops(const ProtocolRule& rule) {
  if (rule.action != ProtocolAction::kDrop) return false;
  discard_message();
  exchange_.expect({.kind = ReplySlot::Kind::kEnd, .ending = Ending::kClose});
  return true;
}

void PostgresSession::pass_message(uint32_t tag) {
  fate_ = Fate::kPass;
  if (tag != kNone) exchange_.expect({.tag = tag});
  exchange_.pass(head_);
  exchange_.pass(body_);
}

void PostgresSession::decide_in_cycle(uint32_t tag) {
  pass_message(cycle_has_failed() ? uint32_t{kNone} : tag);
}

void PostgresSession::decide_simple() {
  MessageVerdict verdict;
  std::string sql;
  if (host_.watched()) {
    sql = normal_sql(std::string_view(body_).substr(0, body_.find('\0')));
    const std::array<MessageKey, 1> keys = {MessageKey{"query", sql}};
    verdict = host_.judge(keys);
  }
  const bool idle = is_idle();
  exchange_.hold(verdict);
  const ProtocolRule* rule = verdict.rule();
  if (rule == nullptr) return pass_message(kQuery);
  if (drops(*rule)) return;
  switch (rule->action) {
    case ProtocolAction::kError:
      discard_message();
      if (idle) return ours(postgres_error(*rule) + ready('I'));
      exchange_.expect({.tag = kQuery, .rule = rule});
      return exchange_.pass(query_message(kFailing));
    case ProtocolAction::kRespond: {
      discard_message();
      const PostgresResult result = postgres_result(*rule, sql_verb(sql));
      if (idle) {
        return ours((postgres_body_has_rows(*rule) ? result.description : "") + result.rows +
                    result.complete + ready('I'));
      }
      // The server's own empty answer tells the state.
      exchange_.expect({.tag = kQuery, .rule = rule});
      return exchange_.pass(query_message(""));
    }
    case ProtocolAction::kDuplicate:
      fate_ = Fate::kTwice;
      copy_ = head_ + body_;
      exchange_.expect({.with_next = true, .tag = kQuery});
      exchange_.pass(copy_);
      return;
    case ProtocolAction::kDrop:
    case ProtocolAction::kDelay:
    case ProtocolAction::kCorrupt:
    case ProtocolAction::kTruncate:
    case ProtocolAction::kBandwidth:
      break;
  }
  pass_message(kQuery);
}

// Whether the present Bind asks for results in binary format.
bool PostgresSession::wants_binary() const {
  std::string_view rest = body_;
  if (!take_postgres_text(rest) || !take_postgres_text(rest)) return false;
  const auto take16 = [&]() -> int {
    if (rest.size() < 2) return -1;
    const int value =
        static_cast<unsigned char>(rest[0]) << 8 | static_cast<unsigned char>(rest[1]);
    rest.remove_prefix(2);
    return value;
  };
  for (int formats = take16(); formats > 0; --formats) take16();
  for (int parameters = take16(); parameters > 0; --parameters) {
    if (rest.size() < 4) return false;
    const uint32_t size = read_postgres_int32(rest);
    rest.remove_prefix(4);
    if (size != 0xffffffff) rest.remove_prefix(std::min<size_t>(size, rest.size()));
  }
  for (int formats = take16(); formats > 0; --formats)
    if (take16() == 1) return true;
  return false;
}

void PostgresSession::decide_bind() {
  std::string_view rest = body_;
  const auto portal_name = take_postgres_text(rest);
  const auto statement = take_postgres_text(rest);
  if (cycle_has_failed() || !portal_name || !statement) return decide_in_cycle(kBind);
  Portal& portal = portals_[std::string(*portal_name)] = {};
  portal.sql = statements_[std::string(*statement)];
  MessageVerdict verdict;
  if (host_.watched()) {
    const std::array<MessageKey, 1> keys = {MessageKey{"query", portal.sql}};
    verdict = host_.judge(keys);
  }
  exchange_.hold(verdict);
  const ProtocolRule* rule = verdict.rule();
  if (rule == nullptr) return pass_message(kBind);
  if (drops(*rule)) return;
  switch (rule->action) {
    case ProtocolAction::kError:
      discard_message();
      error_sent_ = true;
      exchange_.expect({.tag = kExecute, .rule = rule});
      return exchange_.pass(failing_execute());
    case ProtocolAction::kRespond:
      if (postgres_body_has_rows(*rule) && wants_binary()) {
        host_.unfilterable(
            "the client asks for results in binary format; rows of response() are text");
        break;
      }
      portal.answer = rule;
      discard_message();
      return ours(postgres_message('2', ""));
    case ProtocolAction::kDuplicate:
      pass_message(kBind);
      fate_ = Fate::kTwice;
      copy_ = head_ + body_;
      return;
    case ProtocolAction::kDrop:
    case ProtocolAction::kDelay:
    case ProtocolAction::kCorrupt:
    case ProtocolAction::kTruncate:
    case ProtocolAction::kBandwidth:
      break;
  }
  pass_message(kBind);
}

void PostgresSession::execute() {
  const std::string name = body_.substr(0, body_.find('\0'));
  const auto found = portals_.find(name);
  if (found == portals_.end() || cycle_has_failed()) return decide_in_cycle(kExecute);
  Portal& portal = found->second;
  if (portal.answer != nullptr) {
    const PostgresResult result = postgres_result(*portal.answer, sql_verb(portal.sql));
    discard_message();
    return ours(result.rows + result.complete);
  }
  pass_message(kExecute);
  if (portal.again.empty()) return;
  const std::string bind = std::exchange(portal.again, "");
  if (!name.empty()) {
    exchange_.expect({.kind = ReplySlot::Kind::kSwallow, .tag = kClose});
    exchange_.pass(postgres_message('C', "P" + name + '\0'));
  }
  exchange_.expect({.kind = ReplySlot::Kind::kSwallow, .tag = kBind});
  exchange_.pass(bind);
  exchange_.expect({.kind = ReplySlot::Kind::kSwallow, .tag = kExecute});
  exchange_.pass(head_ + body_);
}

void PostgresSession::end_message() {
  if (fate_ == Fate::kTwice) {
    if (copy_.size() > kCopyMax) {
      host_.unfilterable("a statement to be executed twice is longer than 16 MiB");
    } else if (client_.type() == 'Q') {
      exchange_.expect({.kind = ReplySlot::Kind::kSwallow, .tag = kQuery});
      exchange_.pass(copy_);
    } else {
      portals_[copy_.substr(5, copy_.find('\0', 5) - 5)].again = copy_;
    }
    copy_.clear();
  }
  fate_ = Fate::kUndecided;
  head_.clear();
  body_.clear();
}

void PostgresSession::lose(std::string_view why, bool is_tls) {
  host_.lost_track(why, is_tls);
  phase_ = Phase::kUnread;
  exchange_.pass(awaiting_);
  if (fate_ == Fate::kUndecided) {
    exchange_.pass(head_);
    exchange_.pass(body_);
  }
  awaiting_.clear();
}

void PostgresSession::client_ended() {
  exchange_.pass(awaiting_);
  awaiting_.clear();
  if (phase_ == Phase::kMessages && fate_ == Fate::kUndecided) {
    exchange_.pass(head_);
    exchange_.pass(body_);
  }
  exchange_.client_ended();
}

// --- the server's messages

void PostgresSession::from_server(std::string_view bytes) {
  while (!exchange_.over()) {
    // Before a startup packet there is nothing to answer.
    if (replies_unread_ || phase_ == Phase::kStartup) return exchange_.aside(bytes);
    if (phase_ == Phase::kAwaitTls) {
      if (bytes.empty()) return;
      const char answer = bytes[0];
      exchange_.aside(bytes.substr(0, 1));
      bytes = bytes.substr(1);
      phase_ = Phase::kStartup;
      // 'N': in clear. An old server complains instead, and closes.
      if (answer == 'S' || answer == 'G') {
        lose(answer == 'S' ? "TLS begins (sslmode=disable in the client keeps it in clear)"
                           : "GSSAPI encryption begins (gssencmode=disable keeps it in clear)",
             true);
      }
      replies_unread_ = answer != 'N';
      const std::string awaited = std::exchange(awaiting_, "");
      from_client(awaited);
      continue;
    }
    size_t used = 0;
    const PostgresReader::Event event = server_.take(bytes, used);
    const std::string_view piece = bytes.substr(0, used);
    bytes = bytes.substr(used);
    if (event == PostgresReader::Event::kBad) {
      host_.lost_track("a message of the server with an impossible length", false);
      replies_unread_ = true;
      exchange_.aside(server_head_);
      exchange_.aside(piece);
      server_head_.clear();
      continue;
    }
    if (event == PostgresReader::Event::kHead || event == PostgresReader::Event::kMore) {
      server_head_.append(piece);
      if (event == PostgresReader::Event::kMore) return;
      server_head();
      continue;
    }
    if (!piece.empty()) last_byte_ = piece.back();
    if (to_ == To::kAside) exchange_.aside(piece);
    if (to_ == To::kReply) exchange_.reply(piece);
    if (event == PostgresReader::Event::kEnd) server_end();
  }
}

// Where the message that begins goes.
void PostgresSession::server_head() {
  const char type = server_.type();
  const std::string head = std::exchange(server_head_, "");
  to_ = To::kReply;
  if (type == 'N' || type == 'S' || type == 'A' || starting_) to_ = To::kAside;
  if (type == 'Z' && !starting_) {
    // What the server has left unanswered it will not answer any more.
    const ReplySlot* slot = exchange_.front();
    if (slot != nullptr && slot->tag != kQuery) exchange_.skip_to(kSync);
  }
  const ReplySlot* slot = exchange_.front();
  if (slot == nullptr) to_ = To::kAside;
  if (to_ == To::kAside) return exchange_.aside(head);
  if (slot->rule != nullptr && type == 'E' && slot->rule->action == ProtocolAction::kError) {
    exchange_.reply(postgres_error(*slot->rule));
    to_ = To::kNowhere;
    return;
  }
  if (slot->rule != nullptr && type == 'I' && slot->rule->action == ProtocolAction::kRespond) {
    const PostgresResult result = postgres_result(*slot->rule, "");
    exchange_.reply((postgres_body_has_rows(*slot->rule) ? result.description : "") + result.rows +
                    result.complete);
    to_ = To::kNowhere;
    return;
  }
  exchange_.reply(head);
}

void PostgresSession::server_end() {
  const char type = server_.type();
  if (type == 'Z') state_ = last_byte_;
  if (starting_) {
    starting_ = type != 'Z';
    return;
  }
  if (to_ == To::kAside) return;
  const ReplySlot* slot = exchange_.front();
  if (slot == nullptr) return;
  const uint32_t tag = slot->tag;
  if (type == 'E' && tag != kQuery && tag != kSync) {
    cycle_failed_ = true;
    exchange_.skip_to(kSync);
  } else if (type == 'G' && tag == kExecute) {
    // Until the copy is over the server takes no Sync for one.
    copying_in_ = true;
    if (exchange_.forget(kSync)) --cycles_sent_;
  } else if (type == 'W') {
    phase_ = Phase::kUnread;
    replies_unread_ = true;
  } else if (completes(tag, type)) {
    if (tag == kSync) {
      ++cycles_done_;
      cycle_failed_ = false;
    }
    exchange_.reply_done();
  }
}

void PostgresSession::server_ended() {
  exchange_.aside(server_head_);
  server_head_.clear();
  exchange_.server_ended();
}

}  // namespace fb
