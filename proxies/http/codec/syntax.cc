#include "proxies/http/codec/syntax.h"

#include "proxies/steps/text.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

bool is_token_char(char c) {
  const bool alphanumeric =
      (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return alphanumeric || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

bool is_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return is_control(c) && c != '\t'; });
}

Result<std::string> request_target(std::string_view text) {
  text = text.substr(0, text.find('#'));
  if (std::any_of(text.begin(), text.end(), is_control)) {
    return invalid(fmt::format("a control character in path {}", quote_wire(text)));
  }
  if (!text.empty() && text.front() != '/' && text.front() != '?') {
    return invalid(fmt::format("path {} must begin with \"/\"", quote_wire(text)));
  }
  std::string target = text.starts_with('/') ? "" : "/";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || std::string_view(" \"<>\\^`{|}").find(c) != std::string_view::npos) {
      target += fmt::format("%{:02X}", byte);
    } else {
      target += c;
    }
  }
  return target;
}

}  // namespace fb
