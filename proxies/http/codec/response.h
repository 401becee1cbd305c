// An HTTP/1.x response out of bytes (RFC 9112), for a client that sends one request per connection.
// No I/O: feed() takes what arrived, finish() says that no more will. The result is a function of
// the bytes alone, never of how they were cut. Everything the peer chooses is bounded: the head by
// kHeadBytesMax, the kept body by kBodyBytesKept; what a longer body has more is counted and let
// go. Lines may end in a bare LF (§2.2 allows it); folded header lines are refused (§5.2).
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fb {

inline constexpr size_t kHeadBytesMax = 64 * 1024;  // interim responses and trailers included
inline constexpr size_t kHeaderLinesMax = 1000;
inline constexpr size_t kChunkLineBytesMax = 4096;
inline constexpr size_t kBodyBytesKept = 64 * 1024;

struct HttpResponse {
  int status = 0;
  // Lower-case names in order of arrival; the values of a repeated one are joined by ", ".
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;         // the first kBodyBytesKept
  uint64_t body_bytes = 0;  // all of it

  bool operator==(const HttpResponse&) const = default;
  const std::string* header(std::string_view lower_case_name) const;
};

class HttpResponseParser {
 public:
  enum class State { kNeedMore, kDone, kError };

  // A response to HEAD has no body, whatever its head says.
  explicit HttpResponseParser(bool answers_head = false) : answers_head_(answers_head) {}

  // Bytes after the end of the response are ignored.
  State feed(std::string_view bytes);
  // The stream has ended: kDone or kError.
  State finish();

  State state() const { return state_; }
  // The final response's status and headers are complete (its body perhaps not).
  bool head_complete() const { return phase_ > Phase::kHeaders; }
  const HttpResponse& response() const { return response_; }
  const std::string& error() const { return error_; }

 private:
  enum class Phase {
    kStatusLine,
    kHeaders,
    kSizedBody,
    kBodyUntilClose,
    kChunkSize,
    kChunkData,
    kChunkEnd,
    kTrailers,
    kComplete,
  };

  size_t take_line(std::string_view bytes);
  size_t take_body(std::string_view bytes);
  size_t take_chunk_end(std::string_view bytes);
  void end_line(std::string_view line);
  void status_line(std::string_view line);
  void header_line(std::string_view line);
  void chunk_size_line(std::string_view line);
  void end_head();
  void sized_body(std::string_view content_length);
  void complete();
  void fail(std::string error);

  bool answers_head_;
  State state_ = State::kNeedMore;
  Phase phase_ = Phase::kStatusLine;
  std::string line_;  // the line under way
  size_t head_bytes_ = 0;
  size_t header_lines_ = 0;
  uint64_t body_left_ = 0;  // of the sized body or of the chunk
  HttpResponse response_;
  std::string error_;
};

}  // namespace fb
