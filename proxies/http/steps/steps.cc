#include "proxies/http/steps/steps.h"

#include "proxies/http/codec/request.h"
#include "proxies/http/codec/syntax.h"
#include "proxies/http/codec/url.h"
#include "proxies/http/steps/exchange.h"
#include "proxies/http/steps/redirect.h"
#include "proxies/steps/arguments.h"
#include "proxies/steps/text.h"

#include <chrono>
#include <fmt/format.h>
#include <utility>

namespace fb {
namespace {

using std::chrono::seconds;
using Type = StepParameter::Type;

constexpr StepParameter kPath{"path", Type::kString, false, "\"/\""};
constexpr StepParameter kBody{"body", Type::kString, false, "\"\""};
constexpr StepParameter kHeaders{"headers", Type::kStringMap, false, "{}"};
constexpr StepParameter kWithoutBody[] = {kPath, kHeaders};
constexpr StepParameter kWithBody[] = {kPath, kBody, kHeaders};

constexpr StepMethod kMethods[] = {
    {"delete", kWithoutBody, seconds(30), false, "DELETE path."},
    {"get", kWithoutBody, seconds(30), false, "GET path."},
    {"patch", kWithBody, seconds(30), false, "PATCH path with the body."},
    {"post", kWithBody, seconds(30), false, "POST the body to path."},
    {"put", kWithBody, seconds(30), false, "PUT the body at path."},
};

bool takes_body(const StepMethod& method) {
  return method.parameters.size() == 3;
}

Result<HttpCall> first_call(const StepCall& call, const StepMethod& method) {
  HttpCall http{.url = root_url(call.to)};
  const std::string path = FB_TRY(string_argument(call, "path"));
  http.url.target = FB_TRY(request_target(path));
  http.request.method = upper_ascii(method.name);
  http.request.target = http.url.target;
  http.request.host = http.url.authority;
  http.request.headers = FB_TRY(string_map_argument(call, "headers"));
  if (takes_body(method)) http.request.body = FB_TRY(string_argument(call, "body"));
  return http;
}

Result<HttpResponse> once(const StepContext& context, ActorId actor, const HttpCall& http,
                          const Deadline& deadline, NeededPart needed) {
  const std::string bytes = FB_TRY(write_request(http.request));
  return exchange_http(context, actor, http.url.to, bytes, deadline, needed);
}

// The error, if any, names the request at which it happened.
Result<HttpResponse> follow(const StepContext& context, ActorId actor, HttpCall http,
                            const Deadline& deadline) {
  for (int redirects = 0;; ++redirects) {
    const std::string what = fmt::format("{} {}", http.request.method, http.url.text());
    Result<HttpResponse> response = once(context, actor, http, deadline, NeededPart::kWhole);
    if (!response.ok()) return response.error().within(what);
    if (!is_redirect(*response)) return response;
    if (redirects == kRedirectsMax) {
      return failed(fmt::format("stopped after {} redirects", kRedirectsMax)).within(what);
    }
    Result<HttpCall> next = redirected(http, *response);
    if (!next.ok()) {
      return next.error().within(fmt::format("{}: redirect", what));
    }
    http = *std::move(next);
  }
}

Result<int> get_status(const StepContext& context, const HttpUrl& url, Duration limit) {
  HttpCall http{.url = url};
  http.request = {.method = "GET", .target = url.target, .host = url.authority};
  const Deadline deadline(context.now, limit);
  return FB_TRY(once(context, ActorId::test(), http, deadline, NeededPart::kHead)).status;
}

Error wrong_status(int status) {
  return failed(fmt::format("status {}", status));
}

}  // namespace

std::span<const StepMethod> http_methods() {
  return kMethods;
}

StepResponse call_http(const StepContext& context, const StepCall& call, const StepMethod& method) {
  const Deadline deadline(context.now, call.timeout.value_or(method.limit));
  Result<HttpCall> http = first_call(call, method);
  if (!http.ok()) return {.error = http.error().message};
  Result<HttpResponse> response = follow(context, call.actor, *std::move(http), deadline);
  if (!response.ok()) return {.error = response.error().message};
  return {.ok = true,
          .status = response->status,
          .body = std::string(trim_space(response->body)),
          .headers = std::move(response->headers)};
}

Status probe_http_root(const StepContext& context, const Address& to, Duration limit) {
  const int status = FB_TRY(get_status(context, root_url(to), limit));
  if (status >= 500) return wrong_status(status);
  return {};
}

Status probe_http_url(const StepContext& context, std::string_view url, Duration limit) {
  const HttpUrl parsed = FB_TRY(parse_http_url(url));
  const int status = FB_TRY(get_status(context, parsed, limit));
  if (status < 200 || status > 399) return wrong_status(status);
  return {};
}

}  // namespace fb
