// The schedule text on any bytes: what is accepted has exactly this one text. The first byte says
// whether the rest is the text itself or an encoding that gets the right checksum, which chance
// would never find.
#include "core/base/check.h"
#include "core/base/wire.h"
#include "explorer/schedule.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <xxhash.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  if ((data[0] & 1) != 0) {
    fb::WireWriter sum;
    sum.u64(XXH3_64bits(text.data(), text.size()) & 0xffffffff);
    text = "fbs1:" + fb::base64url_encode(sum.data() + text);
  }
  const fb::Result<fb::Schedule> schedule = fb::parse_schedule(text);
  if (!schedule.ok()) {
    FB_CHECK(!schedule.error().message.empty());
    return 0;
  }
  const std::string again = fb::schedule_text(*schedule);
  FB_CHECK(text.find(again) != std::string::npos);
  FB_CHECK(*fb::parse_schedule(again) == *schedule);
  return 0;
}
