#include "proxies/redis/codec/reply_reader.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace fb {
namespace {

constexpr size_t kLineMax = 64 * 1024;
constexpr size_t kWordMax = 32;
constexpr size_t kNestingMax = 128;

std::optional<int64_t> integer(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

bool has_data(char type) {
  return type == '$' || type == '!' || type == '=';
}
bool is_aggregate(char type) {
  return type == '*' || type == '~' || type == '>' || type == '%' || type == '|';
}

}  // namespace

RedisReplyReader::Event RedisReplyReader::take(std::string_view bytes, size_t& used) {
  used = 0;
  if (end_due_) {
    end_due_ = false;
    last_type_ = std::exchange(type_, '\0');
    return Event::kEnd;
  }
  while (used < bytes.size()) {
    if (state_ == State::kData) {
      const auto piece = static_cast<size_t>(std::min<uint64_t>(data_left_, bytes.size() - used));
      if (keeps_word_ && first_word_.size() < kWordMax)
        first_word_.append(bytes.substr(used, std::min(piece, kWordMax - first_word_.size())));
      used += piece;
      data_left_ -= piece;
      if (data_left_ > 0) continue;
      if (keeps_word_) {
        keeps_word_ = false;
        // The line end after the data was counted too.
        while (first_word_.ends_with('\n') || first_word_.ends_with('\r')) first_word_.pop_back();
      }
      if (const Event event = end_value(); event != Event::kMore) return event;
      continue;
    }
    const char c = bytes[used++];
    if (state_ == State::kType) {
      static constexpr std::string_view kTypes = "+-:$*_#,(!=%~>|";
      if (kTypes.find(c) == std::string_view::npos) return Event::kBad;
      if (open_.empty()) {
        type_ = c;
        first_word_.clear();
        values_ = 0;
        kind_told_ = false;
      }
      value_type_ = c;
      state_ = State::kLine;
      line_.clear();
      if (open_.empty() && !is_aggregate(c)) {
        kind_told_ = true;
        return Event::kKind;
      }
      continue;
    }
    if (c != '\n') {
      // What a line says matters for numbers only; a long status is not kept.
      if (line_.size() < 64) line_ += c;
      continue;
    }
    if (line_.ends_with('\r')) line_.pop_back();
    if (const Event event = end_line(); event != Event::kMore) return event;
  }
  return Event::kMore;
}

RedisReplyReader::Event RedisReplyReader::end_line() {
  state_ = State::kType;
  if (value_type_ == ':') last_integer_ = integer(line_).value_or(0);
  if (has_data(value_type_)) {
    const auto length = integer(line_);
    if (!length || *length < -1) return Event::kBad;
    if (*length == -1) return end_value();
    data_left_ = static_cast<uint64_t>(*length) + 2;
    keeps_word_ = open_.size() == 1 && values_ == 0;
    state_ = State::kData;
    return Event::kMore;
  }
  if (is_aggregate(value_type_)) {
    const auto count = integer(line_);
    if (!count || *count < -1) return Event::kBad;
    if (*count <= 0 && value_type_ != '|') return end_value();
    const bool pairs = value_type_ == '%' || value_type_ == '|';
    if (open_.size() >= kNestingMax) return Event::kBad;
    // Attributes come before a value and are none: one more element belongs to them.
    uint64_t elements = static_cast<uint64_t>(std::max<int64_t>(*count, 0)) * (pairs ? 2 : 1);
    if (value_type_ == '|') ++elements;
    open_.push_back(elements);
    return Event::kMore;
  }
  return end_value();
}

RedisReplyReader::Event RedisReplyReader::end_value() {
  state_ = State::kType;
  ++values_;
  while (!open_.empty() && --open_.back() == 0) open_.pop_back();
  const bool ended = open_.empty();
  if (!kind_told_) {
    kind_told_ = true;
    end_due_ = ended;
    return Event::kKind;
  }
  if (!ended) return Event::kMore;
  last_type_ = std::exchange(type_, '\0');
  return Event::kEnd;
}

}  // namespace fb
