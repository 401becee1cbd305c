#include "proxies/redis/codec/request_reader.h"

#include "proxies/redis/codec/commands.h"
#include "proxies/steps/text.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace fb {
namespace {

// Limits of the server itself (networking.c): what it refuses need not be understood.
constexpr size_t kInlineMax = 64 * 1024;
constexpr int64_t kArgumentsMax = 1024 * 1024 * 1024;
constexpr int64_t kBulkMax = 512ll * 1024 * 1024;
// What is kept of an argument, and of how many.
constexpr size_t kKeptBytes = 4096;
constexpr size_t kKeptArguments = 16;

std::optional<int64_t> integer(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

}  // namespace

bool RedisRequestReader::line_byte(char c) {
  if (c != '\n') {
    line_ += c;
    return false;
  }
  if (line_.ends_with('\r')) line_.pop_back();
  return true;
}

RedisRequestReader::Event RedisRequestReader::take(std::string_view bytes, size_t& used) {
  used = 0;
  if (end_due_) {
    end_due_ = false;
    return end_command();
  }
  while (used < bytes.size()) {
    if (state_ == State::kData) {
      const auto piece = static_cast<size_t>(std::min<uint64_t>(data_left_, bytes.size() - used));
      if (keep_) {
        std::string& kept = arguments_.back();
        kept.append(bytes.substr(used, std::min(piece, kKeptBytes - kept.size())));
      }
      used += piece;
      data_left_ -= piece;
      if (data_left_ == 0) {
        state_ = State::kDataEnd;
        data_left_ = 2;
      }
      continue;
    }
    const char c = bytes[used++];
    switch (state_) {
      case State::kStart:
        arguments_.clear();
        name_.clear();
        key_.clear();
        count_ = seen_ = 0;
        head_told_ = false;
        line_.clear();
        // No line begins with a control character; TLS does.
        if (static_cast<unsigned char>(c) < 0x20 && c != '\r' && c != '\n' && c != '\t')
          return Event::kBad;
        state_ = c == '*' ? State::kCount : State::kInline;
        if (state_ == State::kInline) --used;
        break;
      case State::kCount: {
        if (!line_byte(c)) {
          if (line_.size() > 32) return Event::kBad;
          break;
        }
        const auto count = integer(line_);
        line_.clear();
        if (!count || *count > kArgumentsMax) return Event::kBad;
        if (*count <= 0) {
          state_ = State::kStart;
          return Event::kEmpty;
        }
        left_ = *count;
        count_ = static_cast<size_t>(*count);
        state_ = State::kLength;
        break;
      }
      case State::kLength: {
        if (!line_byte(c)) {
          if (line_.size() > 32) return Event::kBad;
          break;
        }
        const auto length =
            line_.starts_with('$') ? integer(std::string_view(line_).substr(1)) : std::nullopt;
        line_.clear();
        if (!length || *length < 0 || *length > kBulkMax) return Event::kBad;
        keep_ = seen_ < kKeptArguments;
        if (keep_) arguments_.emplace_back();
        ++seen_;
        data_left_ = static_cast<uint64_t>(*length);
        state_ = State::kData;
        if (data_left_ == 0) {
          state_ = State::kDataEnd;
          data_left_ = 2;
        }
        break;
      }
      case State::kDataEnd:
        if (--data_left_ > 0) break;
        if (const Event event = end_argument(); event != Event::kMore) return event;
        break;
      case State::kInline:
        if (!line_byte(c)) {
          if (line_.size() > kInlineMax) return Event::kBad;
          break;
        }
        if (!inline_words()) {
          state_ = State::kStart;
          line_.clear();
          return Event::kEmpty;
        }
        line_.clear();
        find_key();
        end_due_ = true;
        return Event::kHead;
      case State::kData:
        break;
    }
  }
  return Event::kMore;
}

bool RedisRequestReader::head_is_known() const {
  if (left_ == 0 || seen_ >= kKeptArguments) return true;
  return !name_.empty() && seen_ >= redis_arguments_needed(name_);
}

RedisRequestReader::Event RedisRequestReader::end_argument() {
  --left_;
  state_ = State::kLength;
  if (seen_ == 1) name_ = upper_ascii(arguments_[0]);
  if (!head_told_ && head_is_known()) {
    find_key();
    end_due_ = left_ == 0;
    return Event::kHead;
  }
  return left_ == 0 ? end_command() : Event::kMore;
}

RedisRequestReader::Event RedisRequestReader::end_command() {
  state_ = State::kStart;
  line_.clear();
  return Event::kEnd;
}

void RedisRequestReader::find_key() {
  head_told_ = true;
  name_ = upper_ascii(arguments_[0]);
  if (const auto position = redis_first_key(arguments_)) key_ = arguments_[*position];
}

// Blanks separate; the words of a quoted one stay together. False: there are none.
bool RedisRequestReader::inline_words() {
  std::string_view rest = line_;
  while (true) {
    const size_t first = rest.find_first_not_of(" \t");
    if (first == std::string_view::npos) break;
    rest = rest.substr(first);
    const char quote = rest.front() == '"' || rest.front() == '\'' ? rest.front() : '\0';
    const size_t end = quote == '\0' ? rest.find_first_of(" \t") : rest.find(quote, 1);
    const size_t begin = quote == '\0' ? 0 : 1;
    if (arguments_.size() < kKeptArguments)
      arguments_.emplace_back(
          rest.substr(begin, end == std::string_view::npos ? end : end - begin));
    ++count_;
    if (end == std::string_view::npos) break;
    rest = rest.substr(quote == '\0' ? end : end + 1);
  }
  return count_ > 0;
}

}  // namespace fb
