// http:// URLs of services: literal addresses and `localhost` only, nothing is looked up.
#pragma once
#include "core/base/result.h"
#include "core/model/address.h"

#include <string>
#include <string_view>

namespace fb {

struct HttpUrl {
  Address to;
  std::string authority;  // as Host says it: "localhost:8080"
  std::string target;     // of request_target()

  bool operator==(const HttpUrl&) const = default;
  std::string text() const { return "http://" + authority + target; }
};

// The root of a service; 127.0.0.1 is called `localhost`, as interface_ref.addr does.
HttpUrl root_url(const Address& to);
// "http://host:port/path"; without a scheme http:// is assumed, without a port 80.
Result<HttpUrl> parse_http_url(std::string_view text);
// `reference` (a Location header) as seen from `base`: RFC 3986 §5.2.
Result<HttpUrl> resolve_reference(const HttpUrl& base, std::string_view reference);

}  // namespace fb
