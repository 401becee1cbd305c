// Replies of a Redis server (RESP2 and RESP3), out of bytes in any pieces: where each one ends, of
// which kind it is, and the little of it that tells messages of subscriptions apart. Nesting costs
// a counter, no stack of ours; values are not kept.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fb {

class RedisReplyReader {
 public:
  enum class Event : uint8_t {
    kMore,  // all bytes are used up
    kKind,  // type() and first_word() are known
    kEnd,   // of the reply
    kBad,
  };
  Event take(std::string_view bytes, size_t& used);

  char type() const { return type_; }            // '+', '-', '*', '>', …
  char last_type() const { return last_type_; }  // at kEnd: of the reply that has ended
  // Of an array or push: its first element when that is a string ("message"), the first bytes.
  const std::string& first_word() const { return first_word_; }
  // The last integer in it: how many subscriptions are left, in a confirmation.
  int64_t last_integer() const { return last_integer_; }
  bool at_start() const { return state_ == State::kType && open_.empty() && type_ == '\0'; }

 private:
  enum class State : uint8_t { kType, kLine, kData };
  Event end_line();
  Event end_value();
  void begin_aggregate(uint64_t elements);

  State state_ = State::kType;
  char value_type_ = '\0';  // of the present value
  std::string line_;
  uint64_t data_left_ = 0;
  bool keeps_word_ = false;
  std::vector<uint64_t> open_;  // elements left, outermost first
  char type_ = '\0';
  char last_type_ = '\0';
  std::string first_word_;
  int64_t last_integer_ = 0;
  size_t values_ = 0;  // of this reply
  bool kind_told_ = false;
  bool end_due_ = false;
};

}  // namespace fb
