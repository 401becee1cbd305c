// What reads, writes and closes of byte streams touch (service_model.h, second rule).
#include "interpose/footprint/service_model.h"

#include <algorithm>

namespace fb {

void stream_read(Footprint& footprint, const StreamEnd& end, uint64_t wish, bool reassembles) {
  const uint64_t got = std::min(wish, end.unread);
  // Whoever reads only what one read gives would see more if more had come; a reader that goes on
  // until it has a whole message does not care.
  const uint64_t seen = reassembles ? got : wish;
  footprint.write(object::head(end.incoming));
  footprint.read(object::bytes(end.incoming), end.head, end.head + seen);
  footprint.needs.push_back({object::bytes(end.incoming), AccessMode::kRead, end.head,
                             end.head + std::max<uint64_t>(got, 1)});
}

void stream_end_of(Footprint& footprint, const StreamEnd& end) {
  footprint.write(object::head(end.incoming));
  footprint.read(object::end(end.incoming));
  footprint.needs.push_back({object::end(end.incoming)});
}

void stream_write(Footprint& footprint, const StreamEnd& end, uint64_t bytes) {
  if (bytes == 0) return;
  const Access put{object::bytes(end.outgoing), AccessMode::kWrite, end.tail, end.tail + bytes};
  footprint.write(object::tail(end.outgoing));
  footprint.accesses.push_back(put);
  footprint.provides.push_back(put);
  footprint.read(object::unread(end.outgoing));
}

void stream_close(Footprint& footprint, const StreamEnd& end, bool reading, bool writing) {
  if (writing) {
    footprint.add(object::end(end.outgoing));
    footprint.provides.push_back({object::end(end.outgoing)});
  }
  if (reading) footprint.add(object::unread(end.incoming));
}

void time_order(Footprint& footprint, uint64_t now, std::optional<uint64_t> after) {
  static const ObjectKey kTime = object_key("time");
  const Access passed{kTime, AccessMode::kAdd, now, now + 1};
  footprint.accesses.push_back(passed);
  footprint.provides.push_back(passed);
  if (!after) return;
  const Access waited{kTime, AccessMode::kRead, 0, *after};
  footprint.accesses.push_back(waited);
  footprint.needs.push_back(waited);
}

void queue_connect(Footprint& footprint, const Connections& connections,
                   const std::string& listener) {
  const uint64_t place = connections.connects(listener);
  const Access put{object::backlog(listener), AccessMode::kWrite, place, place + 1};
  footprint.read(object::listener(listener));
  footprint.write(object::tail(listener));
  footprint.accesses.push_back(put);
  footprint.provides.push_back(put);
  footprint.needs.push_back({object::listener(listener)});
}

}  // namespace fb
