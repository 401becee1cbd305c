#include "proxies/http/codec/url.h"

#include "proxies/http/codec/syntax.h"
#include "proxies/steps/text.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb {
namespace {

// What stands before `separator` if it can be a scheme (RFC 3986 §3.1), else "".
std::string_view scheme_of(std::string_view text, std::string_view separator) {
  const size_t end = text.find(separator);
  if (end == std::string_view::npos || end == 0) return {};
  const std::string scheme = lower_ascii(text.substr(0, end));
  const bool valid =
      scheme[0] >= 'a' && scheme[0] <= 'z' &&
      scheme.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-.") == std::string::npos;
  return valid ? text.substr(0, end) : std::string_view{};
}

Status check_scheme(std::string_view scheme, std::string_view url) {
  const std::string lower = lower_ascii(scheme);
  if (lower == "http") return {};
  if (lower == "https") {
    return Error{Code::kUnavailable,
                 fmt::format("https:// is not supported yet (in {})", quote_wire(url, 200))};
  }
  return invalid(fmt::format("{}: is not a scheme of http (in {})", scheme, quote_wire(url, 200)));
}

bool has_port(std::string_view authority) {
  const size_t colon = authority.rfind(':');
  return colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
}

// What follows "http://".
Result<HttpUrl> parse_rest(std::string_view rest, std::string_view url) {
  const size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  if (authority.find('@') != std::string_view::npos) {
    return invalid(
        fmt::format("a user name in a URL is not supported (in {})", quote_wire(url, 200)));
  }
  if (authority.empty()) return invalid(fmt::format("no host in {}", quote_wire(url, 200)));
  const std::string host(authority);
  HttpUrl result{.authority = host};
  result.to = FB_TRY(parse_address(has_port(host) ? host : host + ":80"));
  result.target = FB_TRY(request_target(rest.substr(end)));
  return result;
}

// RFC 3986 §5.2.4 on an absolute path.
std::string without_dot_segments(std::string_view path) {
  std::string result;
  while (!path.empty()) {
    const size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    const bool last = end == path.size();
    if (segment == "/.") {
      if (last) result += '/';
    } else if (segment == "/..") {
      result.erase(std::min(result.rfind('/'), result.size()));
      if (last) result += '/';
    } else {
      result += segment;
    }
    path.remove_prefix(end);
  }
  return result.empty() ? "/" : result;
}

}  // namespace

HttpUrl root_url(const Address& to) {
  const bool is_localhost = to == Address::loopback4(to.port);
  return {to, is_localhost ? fmt::format("localhost:{}", to.port) : to.text(), "/"};
}

Result<HttpUrl> parse_http_url(std::string_view text) {
  const std::string_view scheme = scheme_of(text, "://");
  if (scheme.empty()) return parse_rest(text, text);
  FB_TRY(check_scheme(scheme, text));
  return parse_rest(text.substr(scheme.size() + 3), text);
}

Result<HttpUrl> resolve_reference(const HttpUrl& base, std::string_view reference) {
  reference = trim_space(reference);
  if (const std::string_view scheme = scheme_of(reference, ":"); !scheme.empty()) {
    FB_TRY(check_scheme(scheme, reference));
    return parse_http_url(reference);
  }
  if (reference.starts_with("//")) return parse_rest(reference.substr(2), reference);

  reference = reference.substr(0, reference.find('#'));
  const std::string_view base_path = std::string_view(base.target).substr(0, base.target.find('?'));
  HttpUrl result = base;
  if (reference.empty()) return result;  // the same document, query included
  const size_t query = std::min(reference.find('?'), reference.size());
  std::string path(reference.substr(0, query));
  if (path.empty()) {
    path = base_path;
  } else if (path.front() != '/') {
    path.insert(0, base_path.substr(0, base_path.rfind('/') + 1));
  }
  result.target =
      FB_TRY(request_target(without_dot_segments(path) + std::string(reference.substr(query))));
  return result;
}

}  // namespace fb
