// The Redis reply parser on any bytes: no cut changes what comes out. The first byte says how the
// rest is cut.
#include "core/base/check.h"
#include "proxies/redis/codec/reply.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using fb::RedisReplyParser;
  if (size == 0) return 0;
  const size_t piece = size_t{data[0]} + 1;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);

  RedisReplyParser whole;
  whole.feed(bytes);
  RedisReplyParser cut;
  for (size_t i = 0; i < bytes.size(); i += piece) cut.feed(bytes.substr(i, piece));
  FB_CHECK(whole.state() == cut.state());
  FB_CHECK(whole.error() == cut.error());
  FB_CHECK(whole.reply() == cut.reply());
  FB_CHECK((whole.state() == RedisReplyParser::State::kError) == !whole.error().empty());
  return 0;
}
