// The head of an HTTP/1 message as a proxy needs it (RFC 9112): where it ends, what it asks for,
// and how the body after it is framed. The bytes themselves stay as they came.
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fb {

// Bytes up to and including the empty line; 0: not there yet. Lines may end in a bare LF.
size_t http_head_end(std::string_view bytes);

struct HttpHead {
  std::string_view start_line;  // without its line end
  int minor_version = 1;
  // As they came, in order; they point into the bytes that were parsed.
  std::vector<std::pair<std::string_view, std::string_view>> fields;

  std::optional<std::string_view> field(std::string_view lower_case_name) const;
  // Whether a list field has the token, any case ("connection", "close").
  bool has_token(std::string_view lower_case_name, std::string_view token) const;
  bool closes() const;  // no further request will come on the connection
};

struct HttpRequestHead : HttpHead {
  std::string_view method, target;
};
struct HttpResponseHead : HttpHead {
  int status = 0;
};
// `bytes` is a whole head. Errors: it is none of HTTP/1.
Result<HttpRequestHead> parse_request_head(std::string_view bytes);
Result<HttpResponseHead> parse_response_head(std::string_view bytes);

// The path of a request target as rules see it: without query, percent-decoded once.
std::string http_rule_path(std::string_view target);

// The body after a head: takes bytes and knows where it ends.
class HttpBody {
 public:
  enum class State : uint8_t { kMore, kDone, kBad };

  static HttpBody none() { return HttpBody(Phase::kDone); }
  static HttpBody sized(uint64_t bytes);
  static HttpBody chunked() { return HttpBody(Phase::kChunkSize); }
  static HttpBody until_close() { return HttpBody(Phase::kUntilClose); }
  // Error: the framing is ambiguous, as in request smuggling (RFC 9112 §6.3).
  static Result<HttpBody> of_request(const HttpRequestHead& head);
  static Result<HttpBody> of_response(const HttpResponseHead& head, bool answers_head);

  State state() const;
  bool ends_with_connection() const { return phase_ == Phase::kUntilClose; }
  // How many of the bytes belong to it; asks for more until state() is kDone.
  size_t take(std::string_view bytes);

 private:
  enum class Phase : uint8_t {
    kDone,
    kBad,
    kSized,
    kUntilClose,
    kChunkSize,
    kChunkExtension,
    kChunkData,
    kChunkEnd,
    kTrailer,      // at the beginning of a line
    kTrailerLine,  // inside one
  };
  explicit HttpBody(Phase phase) : phase_(phase) {}
  void chunk_byte(char c);

  Phase phase_;
  uint64_t left_ = 0;
  unsigned digits_ = 0;  // of the chunk size
};

}  // namespace fb
