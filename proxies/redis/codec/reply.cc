#include "proxies/redis/codec/reply.h"

#include "proxies/steps/text.h"

#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <utility>

namespace fb {
namespace {

using Type = RedisReply::Type;

std::optional<int64_t> parse_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

}  // namespace

void RedisReplyParser::fail(std::string why) {
  state_ = State::kError;
  error_ = std::move(why);
}

RedisReplyParser::State RedisReplyParser::feed(std::string_view bytes) {
  if (state_ != State::kNeedMore) return state_;
  total_bytes_ += bytes.size();
  if (total_bytes_ > kRedisReplyBytesMax) {
    fail(fmt::format("the reply is longer than {} bytes", kRedisReplyBytesMax));
    return state_;
  }
  pending_.append(bytes);
  while (state_ == State::kNeedMore && (in_bulk_ ? take_bulk() : take_line())) {
  }
  pending_.erase(0, begin_);
  begin_ = 0;
  return state_;
}

// Both take a piece off pending_, and say false when it is not whole yet.
bool RedisReplyParser::take_bulk() {
  if (pending_.size() - begin_ < bulk_bytes_ + 2) return false;
  std::string_view data = std::string_view(pending_).substr(begin_, bulk_bytes_);
  if (pending_[begin_ + bulk_bytes_] != '\r' || pending_[begin_ + bulk_bytes_ + 1] != '\n') {
    fail("a bulk string does not end where its length says");
    return false;
  }
  begin_ += bulk_bytes_ + 2;
  in_bulk_ = false;
  if (verbatim_) data.remove_prefix(4);
  add({.type = bulk_type_, .text = std::string(data)});
  return true;
}

bool RedisReplyParser::take_line() {
  const size_t end = pending_.find("\r\n", begin_);
  const bool whole = end != std::string::npos;
  const size_t length = (whole ? end : pending_.size()) - begin_;
  // The last byte of an unfinished line may be the \r of its end.
  if (length > kRedisLineBytesMax + (whole ? 0 : 1)) {
    fail(fmt::format("a line of the reply is longer than {} bytes", kRedisLineBytesMax));
    return false;
  }
  if (!whole) return false;
  const std::string line = pending_.substr(begin_, length);
  begin_ = end + 2;
  read_head(line);
  return true;
}

void RedisReplyParser::read_head(std::string_view line) {
  if (line.empty()) return fail("an empty line where a reply should begin");
  const char kind = line.front();
  const std::string_view rest = line.substr(1);
  switch (kind) {
    case '+':
    case '(':  // a number of any size, kept as its digits
      return add({.type = Type::kText, .text = std::string(rest)});
    case '-':
      return add({.type = Type::kError, .text = std::string(rest)});
    case ':': {
      const auto number = parse_number(rest);
      if (!number) break;
      return add({.type = Type::kInteger, .integer = *number});
    }
    case '_':
      if (!rest.empty()) break;
      return add({});
    case ',':
      return add({.type = Type::kDouble, .text = std::string(rest)});
    case '#':
      if (rest != "t" && rest != "f") break;
      return add({.type = Type::kBoolean, .integer = rest == "t" ? 1 : 0});
    case '$':
      return begin_bulk(rest, false, Type::kText);
    case '=':
      return begin_bulk(rest, true, Type::kText);
    case '!':
      return begin_bulk(rest, false, Type::kError);
    case '*':
    case '~':
    case '>':
      return begin_aggregate(rest, Type::kList, 1, false);
    case '%':
      return begin_aggregate(rest, Type::kMap, 2, false);
    case '|':
      return begin_aggregate(rest, Type::kMap, 2, true);
    default:
      break;
  }
  fail(fmt::format("not a reply of Redis: {}", quote_wire(line)));
}

void RedisReplyParser::begin_bulk(std::string_view count, bool verbatim, Type type) {
  const auto bytes = parse_number(count);
  if (bytes && *bytes == -1 && !verbatim) return add({});
  if (!bytes || *bytes < (verbatim ? 4 : 0)) {
    return fail(fmt::format("bad length of a bulk string: {}", quote_wire(count)));
  }
  if (static_cast<uint64_t>(*bytes) > kRedisReplyBytesMax) {
    return fail(fmt::format("the reply is longer than {} bytes", kRedisReplyBytesMax));
  }
  in_bulk_ = true;
  verbatim_ = verbatim;
  bulk_bytes_ = static_cast<size_t>(*bytes);
  bulk_type_ = type;
}

void RedisReplyParser::begin_aggregate(std::string_view count, Type type, size_t per_entry,
                                       bool attribute) {
  const auto entries = parse_number(count);
  if (entries && *entries == -1) return add({});
  if (!entries || *entries < 0) {
    return fail(fmt::format("bad length of an array: {}", quote_wire(count)));
  }
  // Compared before the multiplication, which could overflow.
  if (static_cast<uint64_t>(*entries) > kRedisElementsMax ||
      (elements_ += static_cast<size_t>(*entries) * per_entry) > kRedisElementsMax) {
    return fail(fmt::format("the reply has more than {} elements", kRedisElementsMax));
  }
  if (open_.size() == kRedisDepthMax) {
    return fail(fmt::format("the reply is nested deeper than {}", kRedisDepthMax));
  }
  const size_t missing = static_cast<size_t>(*entries) * per_entry;
  if (missing == 0) {
    if (!attribute) add({.type = type});
    return;
  }
  open_.push_back({.value = {.type = type}, .missing = missing, .attribute = attribute});
}

// A value is complete: it goes into the aggregate around it, which may complete that one too.
void RedisReplyParser::add(RedisReply value) {
  while (!open_.empty()) {
    Aggregate& around = open_.back();
    around.value.items.push_back(std::move(value));
    if (--around.missing > 0) return;
    const bool attribute = around.attribute;
    value = std::move(around.value);
    open_.pop_back();
    if (attribute) return;
  }
  reply_ = std::move(value);
  state_ = State::kDone;
}

}  // namespace fb
