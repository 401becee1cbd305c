// Messages of PostgreSQL's protocol 3 (a type byte, a length, a body), out of bytes in any pieces
// and into bytes. Bodies are not kept: whoever reads them gets them in pieces.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fb {

class PostgresReader {
 public:
  enum class Event : uint8_t {
    kMore,  // all bytes are used up
    kHead,  // type() and body_size() are known
    kBody,  // a piece of the body: the used bytes
    kEnd,   // of the message
    kBad,   // a length that cannot be
  };
  Event take(std::string_view bytes, size_t& used);

  char type() const { return type_; }
  uint32_t body_size() const { return size_; }

 private:
  enum class State : uint8_t { kType, kLength, kBody };
  State state_ = State::kType;
  char type_ = 0;
  uint32_t size_ = 0;
  uint32_t left_ = 0;
  int length_bytes_ = 0;
};

// --- values in a body: big-endian integers and NUL-terminated texts
std::string postgres_int16(int value);
std::string postgres_int32(int64_t value);
uint32_t read_postgres_int32(std::string_view four_bytes);
// Takes a text off the front; empty: there is no NUL.
std::optional<std::string_view> take_postgres_text(std::string_view& body);

// A whole message.
std::string postgres_message(char type, std::string_view body);

}  // namespace fb
