// Following redirects: which request comes next. Pure.
#pragma once
#include "core/base/result.h"
#include "proxies/http/codec/request.h"
#include "proxies/http/codec/response.h"
#include "proxies/http/codec/url.h"

namespace fb {

inline constexpr int kRedirectsMax = 10;

struct HttpCall {
  HttpUrl url;
  HttpRequest request;
  bool operator==(const HttpCall&) const = default;
};

// 301, 302, 303, 307 and 308 with a Location; without one it is an answer like any other.
bool is_redirect(const HttpResponse& response);
// 307 and 308 repeat the request. 301, 302 and 303 turn every method but GET and HEAD into a GET
// without body, as v0.2.0 did (RFC 9110 asks for it after 303 and allows it for POST after 301 and
// 302). On another host Authorization and Cookie stay behind; a Host the user gave holds for
// relative Locations only.
Result<HttpCall> redirected(const HttpCall& call, const HttpResponse& response);

}  // namespace fb
