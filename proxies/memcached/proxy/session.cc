#include "proxies/memcached/proxy/session.h"

#include "proxies/steps/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

namespace fb {
namespace {

using Reply = MemcachedRequest::Reply;

constexpr size_t kLineMax = 1024 * 1024;
constexpr size_t kCopyMax = 16 * 1024 * 1024;

// Kinds of awaited replies (ReplySlot::tag); binary ones are told by opcode and opaque.
enum Tag : uint32_t { kLine = 1, kValues, kStats, kBarrier, kBinary };
constexpr uint32_t kBarrierOpaque = 0xfb0a11ee;

constexpr uint16_t kNotFound = 1, kInternalError = 0x84;

// A binary slot's tag also says which request it belongs to.
uint32_t binary_tag(uint8_t opcode, uint32_t opaque) {
  const uint32_t mixed = (opaque * 0x9E3779B1u) ^ (uint32_t{opcode} * 0x85EBCA77u);
  return mixed | 0x80000000u;
}

std::string binary_noop() {
  std::string out("\x80\x0a", 2);
  out.append(10, '\0');
  for (int i = 3; i >= 0; --i) out += static_cast<char>(kBarrierOpaque >> (8 * i) & 0xff);
  out.append(8, '\0');
  return out;
}

uint32_t big_endian(std::string_view bytes, size_t at, size_t count) {
  uint32_t value = 0;
  for (size_t i = at; i < at + count; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::string one_line(std::string text) {
  std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
  return text + "\r\n";
}

bool is_error_line(std::string_view line) {
  return line.starts_with("ERROR") || line.starts_with("CLIENT_ERROR") ||
         line.starts_with("SERVER_ERROR");
}

// The number in the given word of a line.
uint64_t number_in(std::string_view line, int word) {
  for (; word > 0; --word) {
    const size_t blank = line.find(' ');
    if (blank == std::string_view::npos) return 0;
    line = line.substr(blank + 1);
  }
  uint64_t value = 0;
  std::from_chars(line.data(), line.data() + line.size(), value);
  return value;
}

}  // namespace

// --- requests

void MemcachedSession::from_client(std::string_view bytes) {
  while (!bytes.empty() && !exchange_.over()) {
    if (dialect_ == Dialect::kUnread) return exchange_.pass(bytes);
    if (dialect_ == Dialect::kUnknown) {
      if (bytes[0] == 0x16) {
        lose("no command of memcached", true);
        continue;
      }
      dialect_ = static_cast<unsigned char>(bytes[0]) == 0x80 ? Dialect::kBinary : Dialect::kText;
    }
    if (!in_data_) {
      bytes = bytes.substr(take_head(bytes));
      continue;
    }
    const auto piece = static_cast<size_t>(std::min<uint64_t>(data_left_, bytes.size()));
    if (fate_ != Fate::kDiscard) exchange_.pass(bytes.substr(0, piece));
    if (fate_ == Fate::kTwice) copy_.append(bytes.substr(0, piece));
    bytes = bytes.substr(piece);
    data_left_ -= piece;
    if (data_left_ == 0) end_request();
  }
}

// Bytes of the head of a request; decides when it is whole.
size_t MemcachedSession::take_head(std::string_view bytes) {
  if (dialect_ == Dialect::kText) {
    const size_t end = bytes.find('\n');
    const size_t taken = end == std::string_view::npos ? bytes.size() : end + 1;
    head_.append(bytes.substr(0, taken));
    if (end == std::string_view::npos) {
      if (head_.size() > kLineMax) lose("a command line is too long");
      return taken;
    }
    std::string_view line = head_;
    line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    request_ = read_memcached_line(line);
    decide();
    return taken;
  }
  if (static_cast<unsigned char>(head_.empty() ? bytes[0] : head_[0]) != 0x80) {
    lose("no binary request of memcached");
    return 0;
  }
  const size_t wanted =
      head_.size() < kMemcachedHeader ? kMemcachedHeader : memcached_binary_head(head_);
  const size_t taken = std::min(bytes.size(), wanted - head_.size());
  head_.append(bytes.substr(0, taken));
  if (head_.size() < kMemcachedHeader || head_.size() < memcached_binary_head(head_)) return taken;
  request_ = read_memcached_binary(head_);
  decide();
  return taken;
}

void MemcachedSession::decide() {
  MessageVerdict verdict;
  if (host_.watched()) {
    const std::array<MessageKey, 2> keys = {MessageKey{"command", request_.command},
                                            MessageKey{"key", request_.key}};
    verdict = host_.judge(
        {.keys = keys, .named_by = request_.command.starts_with("sasl_") ? "command" : ""});
  }
  exchange_.hold(verdict);
  const ProtocolRule* rule = verdict.rule();
  if (rule == nullptr || !act(*rule)) pass_request();
  head_.clear();
  data_left_ = request_.data;
  in_data_ = data_left_ > 0;
  if (!in_data_) end_request();
}

bool MemcachedSession::act(const ProtocolRule& rule) {
  switch (rule.action) {
    case ProtocolAction::kError:
    case ProtocolAction::kRespond:
      fate_ = Fate::kDiscard;
      if (request_.reply != Reply::kNone)
        answer(request_.opcode_known ? answer_binary(rule) : answer_text(rule));
      return true;
    case ProtocolAction::kDrop:
      fate_ = Fate::kDiscard;
      exchange_.expect({.kind = ReplySlot::Kind::kEnd, .ending = Ending::kClose});
      return true;
    case ProtocolAction::kDuplicate: {
      if (request_.reply == Reply::kStream) {
        host_.unfilterable("duplicate() of a command that is answered without end");
        return false;
      }
      fate_ = Fate::kTwice;
      copy_ = head_;
      ReplySlot first = slot_of_request(ReplySlot::Kind::kPass);
      first.with_next = true;
      if (first.tag != 0) exchange_.expect(std::move(first));
      exchange_.pass(head_);
      return true;
    }
    case ProtocolAction::kDelay:
    case ProtocolAction::kCorrupt:
    case ProtocolAction::kTruncate:
    case ProtocolAction::kBandwidth:
      return false;
  }
  return false;
}

void MemcachedSession::answer(std::string reply) {
  if (quiet_before_) {
    const bool binary = request_.opcode_known;
    exchange_.expect({.kind = ReplySlot::Kind::kSwallow,
                      .tag = binary ? binary_tag(0x0a, kBarrierOpaque) : uint32_t{kBarrier}});
    exchange_.pass(binary ? binary_noop() : "mn\r\n");
    quiet_before_ = false;
  }
  exchange_.expect({.kind = ReplySlot::Kind::kOurs, .bytes = std::move(reply)});
}

ReplySlot MemcachedSession::slot_of_request(ReplySlot::Kind kind) const {
  switch (request_.reply) {
    case Reply::kLine:
      return {.kind = kind, .tag = kLine};
    case Reply::kValues:
      return {.kind = kind, .tag = kValues};
    case Reply::kStats:
      return {.kind = kind, .tag = kStats};
    case Reply::kBarrier:
      return {.kind = kind, .tag = kBarrier};
    case Reply::kBinary:
      return {.kind = kind, .tag = binary_tag(request_.opcode, request_.opaque)};
    case Reply::kNone:
    case Reply::kMaybe:
    case Reply::kStream:
      return {};
  }
  return {};
}

void MemcachedSession::pass_request() {
  fate_ = Fate::kPass;
  quiet_before_ |= request_.reply == Reply::kMaybe;
  ReplySlot slot = slot_of_request(ReplySlot::Kind::kPass);
  if (slot.tag != 0) exchange_.expect(std::move(slot));
  exchange_.pass(head_);
}

void MemcachedSession::end_request() {
  in_data_ = false;
  if (fate_ == Fate::kTwice) {
    if (copy_.size() > kCopyMax) {
      host_.unfilterable("a command to be sent twice is longer than 16 MiB");
    } else {
      ReplySlot slot = slot_of_request(ReplySlot::Kind::kSwallow);
      if (slot.tag != 0) exchange_.expect(std::move(slot));
      exchange_.pass(copy_);
    }
    copy_.clear();
  }
  if (request_.reply == Reply::kStream && fate_ == Fate::kPass) dialect_ = Dialect::kUnread;
}

// --- replies of ours

std::string MemcachedSession::hit(const std::string& value) const {
  if (request_.command == "mg") {
    std::string flags;
    bool wants_value = false;
    for (size_t i = 2; i < request_.words.size(); ++i) {
      const std::string& flag = request_.words[i];
      wants_value |= flag[0] == 'v';
      if (flag[0] == 'O') flags += " " + flag;
      if (flag[0] == 'k') flags += " k" + request_.key;
      if (flag[0] == 'f') flags += " f0";
      if (flag[0] == 's') flags += fmt::format(" s{}", value.size());
    }
    if (!wants_value) return "HD" + flags + "\r\n";
    return fmt::format("VA {}{}\r\n{}\r\n", value.size(), flags, value);
  }
  const bool with_cas = request_.command.ends_with('s');
  return fmt::format("VALUE {} 0 {}{}\r\n{}\r\nEND\r\n", request_.key, value.size(),
                     with_cas ? " 1" : "", value);
}

std::string MemcachedSession::answer_text(const ProtocolRule& rule) const {
  if (rule.action == ProtocolAction::kError)
    return one_line(rule.message.value_or("SERVER_ERROR injected fault"));
  const bool gets = request_.reply == Reply::kValues || request_.command == "mg";
  if (rule.body_is_value && gets) return hit(*rule.body);
  return one_line(rule.body.value_or("NOT_FOUND"));
}

std::string MemcachedSession::answer_binary(const ProtocolRule& rule) const {
  if (rule.action == ProtocolAction::kError) {
    const auto status = static_cast<uint16_t>(rule.status.value_or(kInternalError));
    return memcached_binary_reply(request_, status, "",
                                  rule.message.value_or("SERVER_ERROR injected fault"));
  }
  if (rule.body_is_value && (request_.command == "get" || request_.command == "gat"))
    return memcached_binary_reply(request_, 0, std::string(4, '\0'), *rule.body);
  return memcached_binary_reply(request_, kNotFound, "", rule.body.value_or("NOT_FOUND"));
}

// --- replies of the server

void MemcachedSession::from_server(std::string_view bytes) {
  while (!bytes.empty() && !exchange_.over()) {
    if (replies_unread_ || dialect_ == Dialect::kUnread || dialect_ == Dialect::kUnknown) {
      exchange_.aside(reply_head_);
      reply_head_.clear();
      return exchange_.aside(bytes);
    }
    if (!in_reply_data_) {
      bytes = bytes.substr(reply_head(bytes));
      continue;
    }
    const auto piece = static_cast<size_t>(std::min<uint64_t>(reply_data_left_, bytes.size()));
    if (aside_ || exchange_.front() == nullptr) {
      exchange_.aside(bytes.substr(0, piece));
    } else {
      exchange_.reply(bytes.substr(0, piece));
    }
    bytes = bytes.substr(piece);
    reply_data_left_ -= piece;
    if (reply_data_left_ > 0) continue;
    in_reply_data_ = false;
    if (ends_with_data_ && !aside_ && exchange_.front() != nullptr) exchange_.reply_done();
  }
}

size_t MemcachedSession::reply_head(std::string_view bytes) {
  if (dialect_ == Dialect::kBinary) {
    const size_t taken = std::min(bytes.size(), kMemcachedHeader - reply_head_.size());
    reply_head_.append(bytes.substr(0, taken));
    if (static_cast<unsigned char>(reply_head_[0]) != 0x81) {
      host_.lost_track("no binary reply of memcached", false);
      replies_unread_ = true;
      exchange_.aside(reply_head_);
      reply_head_.clear();
    } else if (reply_head_.size() == kMemcachedHeader) {
      binary_head();
    }
    return taken;
  }
  const size_t end = bytes.find('\n');
  const size_t taken = end == std::string_view::npos ? bytes.size() : end + 1;
  reply_head_.append(bytes.substr(0, taken));
  if (end != std::string_view::npos) {
    const std::string line = std::move(reply_head_);
    reply_head_.clear();
    text_line(line);
  } else if (reply_head_.size() > kLineMax) {
    host_.lost_track("a reply line is too long", false);
    replies_unread_ = true;
  }
  return taken;
}

void MemcachedSession::text_line(std::string_view line) {
  // A sign from the server: what comes before it in the queue was answered already, or never will.
  if (line.starts_with("MN")) exchange_.skip_to(kBarrier);
  const ReplySlot* slot = exchange_.front();
  const uint32_t tag = slot == nullptr ? 0 : slot->tag;
  aside_ = slot == nullptr || (tag == kBarrier && !line.starts_with("MN"));
  if (aside_) {
    exchange_.aside(line);
  } else {
    exchange_.reply(line);
  }
  const bool value = line.starts_with("VALUE ") && (tag == kValues || aside_);
  if (value || line.starts_with("VA ")) {
    in_reply_data_ = true;
    reply_data_left_ = number_in(line, value ? 3 : 1) + 2;
    ends_with_data_ = !value;
    return;
  }
  if (aside_) return;
  const bool ends_list = line.starts_with("END") || is_error_line(line) ||
                         (tag == kStats && (line.starts_with("RESET") || line.starts_with("OK")));
  if (tag == kLine || tag == kBarrier || ends_list) exchange_.reply_done();
}

void MemcachedSession::binary_head() {
  const std::string head = std::move(reply_head_);
  reply_head_.clear();
  const uint32_t tag = binary_tag(static_cast<uint8_t>(head[1]), big_endian(head, 12, 4));
  const ReplySlot* slot = exchange_.front();
  aside_ = slot == nullptr || slot->tag != tag;
  if (aside_) {
    exchange_.aside(head);
  } else {
    exchange_.reply(head);
  }
  const bool stat = head[1] == 0x10;
  // The last reply to a stat has no key.
  ends_with_data_ = !stat || big_endian(head, 2, 2) == 0;
  reply_data_left_ = big_endian(head, 8, 4);
  in_reply_data_ = reply_data_left_ > 0;
  if (!in_reply_data_ && ends_with_data_ && !aside_) exchange_.reply_done();
}

void MemcachedSession::lose(std::string_view why, bool is_tls) {
  host_.lost_track(why, is_tls);
  dialect_ = Dialect::kUnread;
  exchange_.pass(head_);
  head_.clear();
}

void MemcachedSession::client_ended() {
  exchange_.pass(head_);
  head_.clear();
  exchange_.client_ended();
}

void MemcachedSession::server_ended() {
  exchange_.aside(reply_head_);
  reply_head_.clear();
  exchange_.server_ended();
}

Status check_memcached_rule(const ProtocolRule& rule) {
  if (rule.code || !rule.headers.empty())
    return invalid("code= and headers= have no meaning for memcached");
  if (rule.status && rule.action != ProtocolAction::kError)
    return invalid("status= of memcached is for error(), in the binary protocol");
  return {};
}

}  // namespace fb
