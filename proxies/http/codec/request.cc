#include "proxies/http/codec/request.h"

#include "proxies/http/codec/syntax.h"
#include "proxies/steps/text.h"

#include <fmt/format.h>

namespace fb {
namespace {

bool has_header(const HttpRequest& request, std::string_view lower_case_name) {
  for (const auto& [name, value] : request.headers) {
    if (lower_ascii(name) == lower_case_name) return true;
  }
  return false;
}

}  // namespace

Result<std::string> write_request(const HttpRequest& request) {
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) return invalid(fmt::format("header name {} is invalid", quote_wire(name)));
    if (!is_field_value(value)) {
      return invalid(fmt::format("header {} has a control character in its value {}", name,
                                 quote_wire(value)));
    }
  }

  std::string bytes = fmt::format("{} {} HTTP/1.1\r\n", request.method, request.target);
  const auto add = [&bytes](std::string_view name, std::string_view value) {
    bytes += fmt::format("{}: {}\r\n", name, value);
  };
  if (!has_header(request, "host")) add("Host", request.host);
  if (!has_header(request, "user-agent")) add("User-Agent", "faultbox");
  for (const auto& [name, value] : request.headers) add(name, value);
  if (request.body && !has_header(request, "content-length") &&
      !has_header(request, "transfer-encoding")) {
    add("Content-Length", fmt::format("{}", request.body->size()));
  }
  if (!has_header(request, "connection")) add("Connection", "close");
  bytes += "\r\n";
  if (request.body) bytes += *request.body;
  return bytes;
}

}  // namespace fb
