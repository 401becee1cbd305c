#include "proxies/http/codec/response.h"

#include "proxies/http/codec/syntax.h"
#include "proxies/steps/text.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb {
namespace {

constexpr std::string_view kVersionStart = "HTTP/1.";
constexpr size_t kQuotedBytesMax = 40;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// False as soon as the line can no longer become a status line.
bool may_be_http(std::string_view line) {
  const size_t known = std::min(line.size(), kVersionStart.size());
  return line.substr(0, known) == kVersionStart.substr(0, known);
}

std::string not_http(std::string_view line) {
  // The same bytes whether the line is whole or still under way.
  line = line.substr(0, kQuotedBytesMax);
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return fmt::format("the answer is not HTTP/1: it begins with {}", quote_wire(line));
}

}  // namespace

const std::string* HttpResponse::header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return &value;
  }
  return nullptr;
}

HttpResponseParser::State HttpResponseParser::feed(std::string_view bytes) {
  while (!bytes.empty() && state_ == State::kNeedMore) {
    size_t taken = 0;
    switch (phase_) {
      case Phase::kStatusLine:
      case Phase::kHeaders:
      case Phase::kChunkSize:
      case Phase::kTrailers:
        taken = take_line(bytes);
        break;
      case Phase::kSizedBody:
      case Phase::kBodyUntilClose:
      case Phase::kChunkData:
        taken = take_body(bytes);
        break;
      case Phase::kChunkEnd:
        taken = take_chunk_end(bytes);
        break;
      case Phase::kComplete:
        return state_;
    }
    bytes.remove_prefix(taken);
  }
  return state_;
}

HttpResponseParser::State HttpResponseParser::finish() {
  if (state_ != State::kNeedMore) return state_;
  switch (phase_) {
    case Phase::kStatusLine:
      if (head_bytes_ == 0) {
        fail("the connection was closed before an answer");
      } else if (!may_be_http(line_)) {
        fail(not_http(line_));
      } else {
        fail("the connection was closed within the response head");
      }
      break;
    case Phase::kHeaders:
      fail("the connection was closed within the response head");
      break;
    case Phase::kBodyUntilClose:
      complete();
      break;
    case Phase::kSizedBody:
      fail(fmt::format("the connection was closed after {} of {} body bytes", response_.body_bytes,
                       response_.body_bytes + body_left_));
      break;
    case Phase::kChunkSize:
    case Phase::kChunkData:
    case Phase::kChunkEnd:
    case Phase::kTrailers:
      fail(fmt::format("the connection was closed within a chunked body, after {} bytes of it",
                       response_.body_bytes));
      break;
    case Phase::kComplete:
      break;
  }
  return state_;
}

// Collects one line; the limits are checked on what has come so far, so that they do not depend on
// the cuts either.
size_t HttpResponseParser::take_line(std::string_view bytes) {
  const size_t newline = bytes.find('\n');
  const bool whole = newline != std::string_view::npos;
  const size_t taken = whole ? newline + 1 : bytes.size();
  line_.append(bytes.substr(0, taken));

  if (phase_ == Phase::kStatusLine && !may_be_http(line_) &&
      (whole || line_.size() >= kQuotedBytesMax)) {
    fail(not_http(line_));
    return taken;
  }
  if (phase_ == Phase::kChunkSize) {
    if (line_.size() > kChunkLineBytesMax) {
      fail(fmt::format("a chunk size line is longer than {} bytes", kChunkLineBytesMax));
      return taken;
    }
  } else {
    head_bytes_ += taken;
    if (head_bytes_ > kHeadBytesMax) {
      fail(fmt::format("the response head is longer than {} bytes", kHeadBytesMax));
      return taken;
    }
  }
  if (whole) {
    std::string line;
    line.swap(line_);
    line.pop_back();
    if (line.ends_with('\r')) line.pop_back();
    end_line(line);
  }
  return taken;
}

void HttpResponseParser::end_line(std::string_view line) {
  switch (phase_) {
    case Phase::kStatusLine:
      return status_line(line);
    case Phase::kHeaders:
      return line.empty() ? end_head() : header_line(line);
    case Phase::kChunkSize:
      return chunk_size_line(line);
    case Phase::kTrailers:
      return line.empty() ? complete() : header_line(line);
    case Phase::kSizedBody:
    case Phase::kBodyUntilClose:
    case Phase::kChunkData:
    case Phase::kChunkEnd:
    case Phase::kComplete:
      return;
  }
}

void HttpResponseParser::status_line(std::string_view line) {
  // HTTP/1.1 200[ reason]
  const bool well_formed = line.size() >= 12 && may_be_http(line) && is_digit(line[7]) &&
                           line[8] == ' ' && line[9] >= '1' && line[9] <= '9' &&
                           is_digit(line[10]) && is_digit(line[11]) &&
                           (line.size() == 12 || line[12] == ' ');
  if (!well_formed) return fail(fmt::format("malformed status line {}", quote_wire(line)));
  response_.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  phase_ = Phase::kHeaders;
}

void HttpResponseParser::header_line(std::string_view line) {
  if (++header_lines_ > kHeaderLinesMax) {
    return fail(fmt::format("the response head has more than {} header lines", kHeaderLinesMax));
  }
  if (line.front() == ' ' || line.front() == '\t') {
    return fail(fmt::format("a folded header line is not supported: {}", quote_wire(line)));
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return fail(fmt::format("malformed header line {}", quote_wire(line)));
  }
  const std::string_view value = trim_space(line.substr(colon + 1));
  if (!is_field_value(value)) {
    return fail(fmt::format("a header value has a control character: {}", quote_wire(line)));
  }
  if (phase_ == Phase::kTrailers) return;  // checked, and of no use to a step
  const std::string name = lower_ascii(line.substr(0, colon));
  for (auto& [known, values] : response_.headers) {
    if (known == name) {
      values += ", ";
      values += value;
      return;
    }
  }
  response_.headers.emplace_back(name, value);
}

// Which body follows: RFC 9112 §6.3.
void HttpResponseParser::end_head() {
  const int status = response_.status;
  if (status >= 100 && status < 200 && status != 101) {
    response_ = HttpResponse{};
    phase_ = Phase::kStatusLine;
    return;
  }
  if (answers_head_ || status == 101 || status == 204 || status == 304) return complete();
  if (const std::string* coding = response_.header("transfer-encoding")) {
    if (lower_ascii(*coding) != "chunked") {
      return fail(fmt::format("Transfer-Encoding {} is not supported", quote_wire(*coding)));
    }
    phase_ = Phase::kChunkSize;
    return;
  }
  if (const std::string* length = response_.header("content-length")) return sized_body(*length);
  phase_ = Phase::kBodyUntilClose;
}

// "5" and, from repeated lines, "5, 5".
void HttpResponseParser::sized_body(std::string_view content_length) {
  constexpr size_t kDigitsMax = 18;
  const std::string_view digits = trim_space(content_length.substr(0, content_length.find(',')));
  bool valid = !digits.empty() && digits.size() <= kDigitsMax &&
               std::all_of(digits.begin(), digits.end(), is_digit);
  for (std::string_view rest = content_length; valid;) {
    const size_t comma = rest.find(',');
    valid = trim_space(rest.substr(0, comma)) == digits;
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (!valid) return fail(fmt::format("malformed Content-Length {}", quote_wire(content_length)));
  body_left_ = 0;
  for (const char c : digits) body_left_ = body_left_ * 10 + static_cast<uint64_t>(c - '0');
  phase_ = Phase::kSizedBody;
  if (body_left_ == 0) complete();
}

size_t HttpResponseParser::take_body(std::string_view bytes) {
  size_t taken = bytes.size();
  if (phase_ != Phase::kBodyUntilClose && taken > body_left_) {
    taken = static_cast<size_t>(body_left_);
  }
  response_.body.append(bytes.substr(0, std::min(taken, kBodyBytesKept - response_.body.size())));
  response_.body_bytes += taken;
  if (phase_ == Phase::kBodyUntilClose) return taken;
  body_left_ -= taken;
  if (body_left_ == 0) {
    if (phase_ == Phase::kSizedBody) {
      complete();
    } else {
      phase_ = Phase::kChunkEnd;
    }
  }
  return taken;
}

void HttpResponseParser::chunk_size_line(std::string_view line) {
  constexpr size_t kDigitsMax = 15;
  const size_t digits = std::min(line.find_first_not_of("0123456789abcdefABCDEF"), line.size());
  const std::string_view rest = trim_space(line.substr(digits));
  if (digits == 0 || digits > kDigitsMax || (!rest.empty() && rest.front() != ';')) {
    return fail(fmt::format("malformed chunk size {}", quote_wire(line)));
  }
  body_left_ = 0;
  for (const char c : lower_ascii(line.substr(0, digits))) {
    body_left_ = body_left_ * 16 + static_cast<uint64_t>(is_digit(c) ? c - '0' : c - 'a' + 10);
  }
  phase_ = body_left_ == 0 ? Phase::kTrailers : Phase::kChunkData;
}

// The line break after a chunk, byte by byte: what is not one is an error at once, not only when a
// line break comes at last.
size_t HttpResponseParser::take_chunk_end(std::string_view bytes) {
  if (bytes.front() == '\n') {
    line_.clear();
    phase_ = Phase::kChunkSize;
  } else if (bytes.front() == '\r' && line_.empty()) {
    line_ = "\r";
  } else {
    fail("a chunk is longer than its size says");
  }
  return 1;
}

void HttpResponseParser::complete() {
  phase_ = Phase::kComplete;
  state_ = State::kDone;
}

void HttpResponseParser::fail(std::string error) {
  state_ = State::kError;
  error_ = std::move(error);
}

}  // namespace fb
