#include "interpose/follow/datagrams.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb {
namespace {

bool arrives_at(const Address& to, const Address& at) {
  const Address a = to.unmapped(), b = at.unmapped();
  if (a.family == Address::Family::kUnix || b.family == Address::Family::kUnix) return a == b;
  if (a.port != b.port) return false;
  const bool any = std::all_of(b.ip.begin(), b.ip.end(), [](uint8_t x) { return x == 0; });
  return any || (a.family == b.family && a.ip == b.ip);
}

bool same_source(const std::optional<Address>& sent, const std::optional<Address>& seen) {
  if (!sent || !seen) return true;
  const Address a = sent->unmapped(), b = seen->unmapped();
  if (a.family == Address::Family::kUnix) return a == b;
  return a.port == 0 || a.port == b.port;
}

}  // namespace

uint64_t hash_of(std::span<const std::byte> bytes) {
  return object_key({reinterpret_cast<const char*>(bytes.data()), bytes.size()}).value;
}

ObjectKey DatagramsOnTheirWay::sent(Datagram datagram) {
  if (sent_.size() == kMost) sent_.pop_front();
  const ObjectKey object = object_key(fmt::format("datagram {}", ++next_));
  sent_.push_back({object, std::move(datagram)});
  return object;
}

std::optional<ObjectKey> DatagramsOnTheirWay::find(const Address& at,
                                                   const Datagram& received) const {
  for (const Sent& sent : sent_) {
    const Datagram& datagram = sent.datagram;
    if (datagram.contents == received.contents && datagram.length == received.length &&
        arrives_at(datagram.to, at) && same_source(datagram.from, received.from))
      return sent.object;
  }
  return std::nullopt;
}

void DatagramsOnTheirWay::taken(ObjectKey object) {
  std::erase_if(sent_, [&](const Sent& sent) { return sent.object == object; });
}

}  // namespace fb
