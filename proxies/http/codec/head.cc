#include "proxies/http/codec/head.h"

#include "proxies/http/codec/syntax.h"
#include "proxies/steps/text.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace fb {
namespace {

bool same_name(std::string_view name, std::string_view lower_case) {
  return name.size() == lower_case.size() && lower_ascii(name) == lower_case;
}

// The next line without its end; `rest` goes on behind it.
std::string_view next_line(std::string_view& rest) {
  const size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Status parse_fields(std::string_view rest, HttpHead& head) {
  while (!rest.empty()) {
    const std::string_view line = next_line(rest);
    if (line.empty()) return {};
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0)
      return invalid(fmt::format("no header line: {}", quote_wire(line)));
    head.fields.emplace_back(line.substr(0, colon), trim_space(line.substr(colon + 1)));
  }
  return {};
}

// "HTTP/1.x" → x.
std::optional<int> minor_version(std::string_view text) {
  if (!text.starts_with("HTTP/1.") || text.size() != 8 || text[7] < '0' || text[7] > '9')
    return std::nullopt;
  return text[7] - '0';
}

std::optional<uint64_t> number(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The length that all Content-Length fields agree on; empty: there is none.
Result<std::optional<uint64_t>> content_length(const HttpHead& head) {
  std::optional<uint64_t> length;
  for (const auto& [name, value] : head.fields) {
    if (!same_name(name, "content-length")) continue;
    std::string_view rest = value;
    while (true) {
      const size_t comma = rest.find(',');
      const auto one = number(trim_space(rest.substr(0, comma)));
      if (!one || (length && *length != *one))
        return invalid(fmt::format("Content-Length is ambiguous: {}", quote_wire(value)));
      length = one;
      if (comma == std::string_view::npos) break;
      rest = rest.substr(comma + 1);
    }
  }
  return length;
}

// Whether the last transfer coding is chunked; empty: there is no Transfer-Encoding.
std::optional<bool> ends_chunked(const HttpHead& head) {
  std::optional<bool> chunked;
  for (const auto& [name, value] : head.fields) {
    if (!same_name(name, "transfer-encoding")) continue;
    const size_t comma = value.rfind(',');
    const std::string_view last = comma == std::string_view::npos ? value : value.substr(comma + 1);
    chunked = lower_ascii(trim_space(last)) == "chunked";
  }
  return chunked;
}

}  // namespace

size_t http_head_end(std::string_view bytes) {
  for (size_t at = bytes.find('\n'); at != std::string_view::npos; at = bytes.find('\n', at + 1)) {
    if (at + 1 < bytes.size() && bytes[at + 1] == '\n') return at + 2;
    if (at + 2 < bytes.size() && bytes[at + 1] == '\r' && bytes[at + 2] == '\n') return at + 3;
  }
  return 0;
}

std::optional<std::string_view> HttpHead::field(std::string_view lower_case_name) const {
  for (const auto& [name, value] : fields)
    if (same_name(name, lower_case_name)) return value;
  return std::nullopt;
}

bool HttpHead::has_token(std::string_view lower_case_name, std::string_view token) const {
  for (const auto& [name, value] : fields) {
    if (!same_name(name, lower_case_name)) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const size_t comma = rest.find(',');
      if (lower_ascii(trim_space(rest.substr(0, comma))) == token) return true;
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
  }
  return false;
}

bool HttpHead::closes() const {
  if (has_token("connection", "close")) return true;
  return minor_version == 0 && !has_token("connection", "keep-alive");
}

Result<HttpRequestHead> parse_request_head(std::string_view bytes) {
  HttpRequestHead head;
  head.start_line = next_line(bytes);
  const size_t first = head.start_line.find(' ');
  const size_t last = head.start_line.rfind(' ');
  if (first == std::string_view::npos || last == first)
    return invalid(fmt::format("no request line: {}", quote_wire(head.start_line)));
  head.method = head.start_line.substr(0, first);
  head.target = trim_space(head.start_line.substr(first + 1, last - first - 1));
  const auto minor = minor_version(head.start_line.substr(last + 1));
  if (!minor || !is_token(head.method))
    return invalid(fmt::format("no request line of HTTP/1: {}", quote_wire(head.start_line)));
  head.minor_version = *minor;
  FB_TRY(parse_fields(bytes, head));
  return head;
}

Result<HttpResponseHead> parse_response_head(std::string_view bytes) {
  HttpResponseHead head;
  head.start_line = next_line(bytes);
  const auto minor = minor_version(head.start_line.substr(0, 8));
  const std::string_view rest = head.start_line.size() > 9 ? head.start_line.substr(9) : "";
  const auto status = number(rest.substr(0, 3));
  if (!minor || !status || *status < 100 || head.start_line[8] != ' ')
    return invalid(fmt::format("no status line of HTTP/1: {}", quote_wire(head.start_line)));
  head.minor_version = *minor;
  head.status = static_cast<int>(*status);
  FB_TRY(parse_fields(bytes, head));
  return head;
}

std::string http_rule_path(std::string_view target) {
  // Absolute form: http://host/path.
  if (const size_t scheme = target.find("://");
      scheme != std::string_view::npos && !target.starts_with('/')) {
    const size_t slash = target.find('/', scheme + 3);
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  target = target.substr(0, target.find_first_of("?#"));
  std::string path;
  for (size_t i = 0; i < target.size(); ++i) {
    if (target[i] == '%' && i + 2 < target.size() && hex_value(target[i + 1]) >= 0 &&
        hex_value(target[i + 2]) >= 0) {
      path += static_cast<char>(hex_value(target[i + 1]) * 16 + hex_value(target[i + 2]));
      i += 2;
    } else {
      path += target[i];
    }
  }
  return path;
}

HttpBody HttpBody::sized(uint64_t bytes) {
  HttpBody body(bytes == 0 ? Phase::kDone : Phase::kSized);
  body.left_ = bytes;
  return body;
}

Result<HttpBody> HttpBody::of_request(const HttpRequestHead& head) {
  const std::optional<bool> encoded = ends_chunked(head);
  const std::optional<uint64_t> length = FB_TRY(content_length(head));
  if (encoded) {
    if (length) return invalid("the request has both Transfer-Encoding and Content-Length");
    if (!*encoded) return invalid("the request's Transfer-Encoding does not end in chunked");
    return chunked();
  }
  if (length) return sized(*length);
  return none();
}

Result<HttpBody> HttpBody::of_response(const HttpResponseHead& head, bool answers_head) {
  if (answers_head || head.status < 200 || head.status == 204 || head.status == 304) return none();
  const std::optional<bool> encoded = ends_chunked(head);
  if (encoded) return *encoded ? chunked() : until_close();
  const std::optional<uint64_t> length = FB_TRY(content_length(head));
  if (length) return sized(*length);
  return until_close();
}

HttpBody::State HttpBody::state() const {
  if (phase_ == Phase::kDone) return State::kDone;
  if (phase_ == Phase::kBad) return State::kBad;
  return State::kMore;
}

size_t HttpBody::take(std::string_view bytes) {
  size_t taken = 0;
  while (taken < bytes.size() && state() == State::kMore) {
    if (phase_ == Phase::kUntilClose) return bytes.size();
    if (phase_ == Phase::kSized || phase_ == Phase::kChunkData) {
      const uint64_t piece = std::min<uint64_t>(left_, bytes.size() - taken);
      taken += static_cast<size_t>(piece);
      left_ -= piece;
      if (left_ == 0) phase_ = phase_ == Phase::kSized ? Phase::kDone : Phase::kChunkEnd;
      continue;
    }
    chunk_byte(bytes[taken++]);
  }
  return taken;
}

void HttpBody::chunk_byte(char c) {
  switch (phase_) {
    case Phase::kChunkSize: {
      const int digit = hex_value(c);
      if (digit >= 0) {
        if (++digits_ > 15) {
          phase_ = Phase::kBad;
          return;
        }
        left_ = left_ * 16 + static_cast<uint64_t>(digit);
        return;
      }
      if (digits_ == 0) {
        phase_ = Phase::kBad;
        return;
      }
      phase_ = Phase::kChunkExtension;
      return chunk_byte(c);
    }
    case Phase::kChunkExtension:
      if (c != '\n') return;
      digits_ = 0;
      phase_ = left_ == 0 ? Phase::kTrailer : Phase::kChunkData;
      return;
    case Phase::kChunkEnd:
      if (c == '\r') return;
      phase_ = c == '\n' ? Phase::kChunkSize : Phase::kBad;
      return;
    case Phase::kTrailer:
      if (c == '\n') phase_ = Phase::kDone;
      if (c != '\n' && c != '\r') phase_ = Phase::kTrailerLine;
      return;
    case Phase::kTrailerLine:
      if (c == '\n') phase_ = Phase::kTrailer;
      return;
    case Phase::kDone:
    case Phase::kBad:
    case Phase::kSized:
    case Phase::kUntilClose:
    case Phase::kChunkData:
      return;
  }
}

}  // namespace fb
