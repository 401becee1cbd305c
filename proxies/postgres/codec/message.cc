#include "proxies/postgres/codec/message.h"

#include "core/base/check.h"

#include <algorithm>

namespace fb {
namespace {

// PQ_LARGE_MESSAGE_LIMIT: the server refuses what is longer.
constexpr uint32_t kMessageMax = 0x3fffffff;

}  // namespace

PostgresReader::Event PostgresReader::take(std::string_view bytes, size_t& used) {
  used = 0;
  while (true) {
    switch (state_) {
      case State::kType:
        if (used == bytes.size()) return Event::kMore;
        type_ = bytes[used++];
        state_ = State::kLength;
        length_bytes_ = 0;
        size_ = 0;
        break;
      case State::kLength:
        if (used == bytes.size()) return Event::kMore;
        size_ = size_ << 8 | static_cast<unsigned char>(bytes[used++]);
        if (++length_bytes_ < 4) break;
        if (size_ < 4 || size_ > kMessageMax) return Event::kBad;
        size_ -= 4;
        left_ = size_;
        state_ = State::kBody;
        return Event::kHead;
      case State::kBody: {
        if (left_ == 0) {
          state_ = State::kType;
          return Event::kEnd;
        }
        if (bytes.empty()) return Event::kMore;
        used = std::min<size_t>(left_, bytes.size());
        left_ -= static_cast<uint32_t>(used);
        return Event::kBody;
      }
    }
  }
}

std::string postgres_int16(int value) {
  return {static_cast<char>(value >> 8 & 0xff), static_cast<char>(value & 0xff)};
}

std::string postgres_int32(int64_t value) {
  return {static_cast<char>(value >> 24 & 0xff), static_cast<char>(value >> 16 & 0xff),
          static_cast<char>(value >> 8 & 0xff), static_cast<char>(value & 0xff)};
}

uint32_t read_postgres_int32(std::string_view bytes) {
  FB_CHECK(bytes.size() >= 4);
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::optional<std::string_view> take_postgres_text(std::string_view& body) {
  const size_t end = body.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view text = body.substr(0, end);
  body.remove_prefix(end + 1);
  return text;
}

std::string postgres_message(char type, std::string_view body) {
  std::string out(1, type);
  out += postgres_int32(static_cast<int64_t>(body.size()) + 4);
  out += body;
  return out;
}

}  // namespace fb
