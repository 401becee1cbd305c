// What observe= of a service names (spec §16): where lines come from, and how a line is taken
// apart. Plain values, written by the spec words and carried out by core/run/observers.h.
#pragma once
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/model/address.h"

#include <string>
#include <string_view>

namespace fb {

struct DecoderSpec {
  enum class Kind { kNone, kJson, kLogfmt, kRegex };
  Kind kind = Kind::kNone;
  std::string pattern;  // kRegex: RE2 syntax with named groups
  bool operator==(const DecoderSpec&) const = default;
};

struct ObserveSource {
  enum class Kind { kStdout, kStderr, kTail, kPoll };
  Kind kind = Kind::kStdout;
  DecoderSpec decoder;
  std::string path;  // kTail: as the service sees it; a relative one starts at its directory
  std::string url;   // kPoll
  Duration interval = std::chrono::seconds(5);  // kPoll
  bool operator==(const ObserveSource&) const = default;
};

// "stdout", "stderr", "tail", "poll": also the type of its events.
std::string_view source_name(ObserveSource::Kind kind);

// Whom a poll asks and for what. "http://" is assumed, port 80 and path "/" likewise. Errors: any
// other scheme, a malformed address.
struct PollTarget {
  Address to;
  std::string path;  // with the query
  bool operator==(const PollTarget&) const = default;
};
Result<PollTarget> parse_poll_url(std::string_view url);

}  // namespace fb
