// Commands of a Redis client, out of bytes in any pieces: arrays of bulk strings, or inline lines.
// Keeps the first arguments, as far as they say what the command is about; never a whole value.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fb {

class RedisRequestReader {
 public:
  enum class Event : uint8_t {
    kMore,   // all bytes are used up
    kHead,   // name and key are known; the command may go on
    kEnd,    // of the command
    kEmpty,  // of something that is no command and has no reply (an empty line, `*0`)
    kBad,    // no command can follow any more
  };
  // Takes bytes from the front, up to the next event; `used` says how many.
  Event take(std::string_view bytes, size_t& used);

  // From kHead to kEnd.
  const std::string& name() const { return name_; }  // upper case
  const std::string& key() const { return key_; }    // "" when it has none
  // Kept arguments, the name first; long ones are cut.
  const std::vector<std::string>& arguments() const { return arguments_; }
  size_t argument_count() const { return count_; }
  // Nothing of a command has come yet.
  bool at_start() const { return state_ == State::kStart && line_.empty(); }

 private:
  enum class State : uint8_t { kStart, kCount, kLength, kData, kDataEnd, kInline };
  bool line_byte(char c);  // true: line_ is whole
  Event end_argument();
  Event end_command();
  bool head_is_known() const;
  void find_key();
  bool inline_words();

  State state_ = State::kStart;
  std::string line_;
  int64_t left_ = 0;  // arguments
  uint64_t data_left_ = 0;
  size_t count_ = 0;
  size_t seen_ = 0;  // arguments begun
  bool keep_ = false;
  bool head_told_ = false;
  bool end_due_ = false;
  std::vector<std::string> arguments_;
  std::string name_, key_;
};

}  // namespace fb
