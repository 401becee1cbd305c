// The HTTP response parser on any bytes: no cut changes what comes out, and what is kept is
// bounded. The first byte says how the rest is cut, and whether it answers a HEAD.
#include "core/base/check.h"
#include "proxies/http/codec/response.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using fb::HttpResponseParser;
  if (size == 0) return 0;
  const bool answers_head = (data[0] & 1) != 0;
  const size_t piece = size_t{data[0]} / 2 + 1;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);

  HttpResponseParser whole(answers_head);
  whole.feed(bytes);
  HttpResponseParser cut(answers_head);
  for (size_t i = 0; i < bytes.size(); i += piece) cut.feed(bytes.substr(i, piece));
  FB_CHECK(whole.state() == cut.state());
  whole.finish();
  cut.finish();
  FB_CHECK(whole.state() == cut.state());
  FB_CHECK(whole.error() == cut.error());
  FB_CHECK(whole.response() == cut.response());
  FB_CHECK(whole.head_complete() == cut.head_complete());
  FB_CHECK(whole.state() != HttpResponseParser::State::kNeedMore);
  FB_CHECK((whole.state() == HttpResponseParser::State::kError) == !whole.error().empty());

  const fb::HttpResponse& response = whole.response();
  FB_CHECK(response.body.size() == std::min<uint64_t>(response.body_bytes, fb::kBodyBytesKept));
  FB_CHECK(response.headers.size() <= fb::kHeaderLinesMax);
  return 0;
}
