#include "core/model/observe_source.h"

#include "core/base/check.h"
#include "core/base/text.h"

namespace fb {

std::string_view source_name(ObserveSource::Kind kind) {
  switch (kind) {
    case ObserveSource::Kind::kStdout:
      return "stdout";
    case ObserveSource::Kind::kStderr:
      return "stderr";
    case ObserveSource::Kind::kTail:
      return "tail";
    case ObserveSource::Kind::kPoll:
      return "poll";
  }
  FB_CHECK(false);
}

Result<PollTarget> parse_poll_url(std::string_view url) {
  std::string_view rest = url;
  if (const size_t scheme = rest.find("://"); scheme != std::string_view::npos) {
    if (rest.substr(0, scheme) != "http")
      return invalid("cannot poll " + quote(url) + ": only http:// can be polled");
    rest.remove_prefix(scheme + 3);
  }
  const size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string host(rest.substr(0, end));
  std::string_view path = rest.substr(end);
  path = path.substr(0, path.find('#'));
  if (host.find('@') != std::string::npos)
    return invalid("cannot poll " + quote(url) + ": it names a user");
  // A port is there if a colon follows the host; an IPv6 host is in brackets.
  const size_t colon = host.rfind(':');
  if (colon == std::string::npos || host.find(']', colon) != std::string::npos) host += ":80";
  PollTarget target;
  auto address = parse_address(host);
  if (!address.ok()) return invalid("cannot poll " + quote(url) + ": " + address.error().message);
  target.to = *address;
  target.path = path.starts_with('/') ? std::string(path) : "/" + std::string(path);
  return target;
}

}  // namespace fb
