// A Redis reply out of bytes: RESP2 and RESP3, without I/O. feed() takes what arrived; the result
// is a function of the bytes alone, never of how they were cut. Everything the peer chooses is
// bounded: lines, nesting, the number of elements and the whole size. An attribute (RESP3 `|`) is
// read and dropped: it annotates the reply that follows it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fb {

inline constexpr size_t kRedisLineBytesMax = 64 * 1024;
inline constexpr size_t kRedisReplyBytesMax = 64 * 1024 * 1024;
inline constexpr size_t kRedisElementsMax = 1024 * 1024;  // of one reply, at all depths
inline constexpr size_t kRedisDepthMax = 32;

struct RedisReply {
  enum class Type : uint8_t { kNull, kText, kError, kInteger, kDouble, kBoolean, kList, kMap };

  Type type = Type::kNull;
  std::string text;               // kText and kError; kDouble as the server wrote it
  int64_t integer = 0;            // kInteger; kBoolean: 0 or 1
  std::vector<RedisReply> items;  // kList; kMap: key, value, key, value, …

  bool operator==(const RedisReply&) const = default;
};

class RedisReplyParser {
 public:
  enum class State : uint8_t { kNeedMore, kDone, kError };

  // Bytes behind the reply are ignored.
  State feed(std::string_view bytes);

  State state() const { return state_; }
  const RedisReply& reply() const { return reply_; }
  const std::string& error() const { return error_; }

 private:
  struct Aggregate {
    RedisReply value;
    size_t missing = 0;
    bool attribute = false;
  };

  bool take_bulk();
  bool take_line();
  void read_head(std::string_view line);
  void begin_bulk(std::string_view count, bool verbatim, RedisReply::Type type);
  void begin_aggregate(std::string_view count, RedisReply::Type type, size_t per_entry,
                       bool attribute);
  void add(RedisReply value);
  void fail(std::string why);

  State state_ = State::kNeedMore;
  std::string pending_;  // bytes not yet used
  size_t begin_ = 0;     // of them in pending_
  size_t total_bytes_ = 0;
  size_t elements_ = 0;
  bool in_bulk_ = false;   // the head of a bulk was read
  bool verbatim_ = false;  // its first four bytes name a format
  size_t bulk_bytes_ = 0;
  RedisReply::Type bulk_type_ = RedisReply::Type::kText;
  std::vector<Aggregate> open_;
  RedisReply reply_;
  std::string error_;
};

}  // namespace fb
