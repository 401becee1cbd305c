#include "proxies/http/steps/redirect.h"

#include "core/base/check.h"
#include "proxies/steps/text.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <tuple>

namespace fb {
namespace {

void drop_headers(HttpRequest& request, std::initializer_list<std::string_view> lower_case_names) {
  std::erase_if(request.headers, [&](const auto& header) {
    return std::find(lower_case_names.begin(), lower_case_names.end(), lower_ascii(header.first)) !=
           lower_case_names.end();
  });
}

bool same_host(const Address& a, const Address& b) {
  return std::tie(a.family, a.ip) == std::tie(b.family, b.ip);
}

}  // namespace

bool is_redirect(const HttpResponse& response) {
  switch (response.status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308: {
      const std::string* location = response.header("location");
      return location != nullptr && !location->empty();
    }
    default:
      return false;
  }
}

Result<HttpCall> redirected(const HttpCall& call, const HttpResponse& response) {
  const std::string* location = response.header("location");
  FB_CHECK(location != nullptr);
  HttpCall next = call;
  next.url = FB_TRY(resolve_reference(call.url, *location));
  next.request.target = next.url.target;
  if (next.url.authority != call.url.authority) {
    next.request.host = next.url.authority;
    drop_headers(next.request, {"host"});
  }
  if (!same_host(next.url.to, call.url.to)) {
    drop_headers(next.request, {"authorization", "cookie"});
  }
  const bool repeats = response.status == 307 || response.status == 308;
  if (!repeats) {
    if (next.request.method != "GET" && next.request.method != "HEAD") next.request.method = "GET";
    next.request.body.reset();
    drop_headers(next.request, {"content-encoding", "content-language", "content-length",
                                "content-location", "content-type", "expect", "transfer-encoding"});
  }
  return next;
}

}  // namespace fb
